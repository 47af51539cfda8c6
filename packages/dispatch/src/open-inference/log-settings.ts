// LogSettings of the Open Inference Protocol: Triton's names for what is logged, read and changed for the whole process. Settings that
// name a file are refused: what comes over the network never becomes a path.
import { invalidArgument, WeftError } from '@weft/errors';
import type { LogSettingsRequest__Output } from '@weft/rpc/messages/inference/LogSettingsRequest';
import type { LogSettingsResponse } from '@weft/rpc/messages/inference/LogSettingsResponse';
import type { Log, LogControl, WrittenLevel } from '@weft/telemetry';
import type { UnaryAnswer } from './answers.ts';

type Value = LogSettingsRequest__Output['settings'][string];
/** To be made once all settings of a request are known to make sense. */
type Change = () => void;

const levelOf: Readonly<Record<string, WrittenLevel>> = { log_info: 'info', log_warning: 'warn', log_error: 'error' };

/** Lines for people, and lines of JSON whose times have that form. */
const formatOf = { default: 'text', ISO8601: 'json' } as const;

export function logSettings(log: Log): UnaryAnswer<LogSettingsRequest__Output, LogSettingsResponse> {
  return ({ settings }, { identity }) => {
    const changes = Object.entries(settings).map(([name, value]) => planChange(log.control, name, value));
    for (const change of changes) change();
    if (changes.length > 0) log.info('log.settings', { by: identity.name, settings: Object.keys(settings) });
    return { settings: readSettings(log.control) };
  };
}

function readSettings({ levels, format }: LogControl): NonNullable<LogSettingsResponse['settings']> {
  return {
    log_file: { stringParam: '' },
    log_info: { boolParam: levels.has('info') },
    log_warning: { boolParam: levels.has('warn') },
    log_error: { boolParam: levels.has('error') },
    log_verbose_level: { uint32Param: levels.has('debug') ? 1 : 0 },
    log_format: { stringParam: format === 'text' ? 'default' : 'ISO8601' },
  };
}

function planChange(control: LogControl, name: string, value: Value): Change {
  const level = Object.hasOwn(levelOf, name) ? levelOf[name] : undefined;
  if (level !== undefined) {
    if (value.parameterChoice !== 'boolParam') throw invalidArgument(`log setting '${name}' must be a bool`);
    return () => switchLevel(control, level, value.boolParam === true);
  }
  switch (name) {
    case 'log_verbose_level':
      if (value.parameterChoice !== 'uint32Param') throw invalidArgument(`log setting '${name}' must be a uint32`);
      return () => switchLevel(control, 'debug', value.uint32Param !== 0);
    case 'log_format': {
      const format = Object.entries(formatOf).find(([given]) => given === value.stringParam)?.[1];
      if (format === undefined)
        throw invalidArgument(`log setting 'log_format' must be one of ${Object.keys(formatOf).join(', ')}`);
      return () => control.writeAs(format);
    }
    case 'log_file':
      throw new WeftError('UNIMPLEMENTED', 'log file location can not be updated through network protocol');
    default:
      throw invalidArgument(
        `unknown log setting '${name}': expected ${[...Object.keys(levelOf), 'log_verbose_level', 'log_format'].join(', ')}`,
      );
  }
}

function switchLevel(control: LogControl, level: WrittenLevel, on: boolean): void {
  const others = [...control.levels].filter((one) => one !== level);
  control.writeLevels(on ? [...others, level] : others);
}
