// TraceSetting of the Open Inference Protocol: Triton's names for which requests are traced, read and changed for the whole process.
// Where traces go is decided at the start; settings that name a file are refused.
import { invalidArgument, WeftError } from '@weft/errors';
import type { TraceSettingRequest__Output } from '@weft/rpc/messages/inference/TraceSettingRequest';
import type { TraceSettingResponse } from '@weft/rpc/messages/inference/TraceSettingResponse';
import type { Log, TraceControl, TraceSettings, Tracing } from '@weft/telemetry';
import type { Inventory } from '../replicas/inventory.ts';
import type { UnaryAnswer } from './answers.ts';

export interface TraceSettingOptions {
  readonly tracing: Tracing;
  readonly log: Log;
  readonly inventory: () => Inventory;
}

const changeable = ['trace_level', 'trace_rate', 'trace_count'] as const;

export function traceSettings({
  tracing,
  log,
  inventory,
}: TraceSettingOptions): UnaryAnswer<TraceSettingRequest__Output, TraceSettingResponse> {
  const { control } = tracing;
  return ({ settings, modelName }, { identity }) => {
    if (modelName !== '' && !inventory().models.has(modelName))
      throw new WeftError('NOT_FOUND', `Request for unknown model: '${modelName}' is not found`);
    const given = Object.entries(settings);
    if (given.length > 0) {
      const changes = given.map(([name, { value }]) => planChange(name, value, control));
      if (modelName !== '')
        throw new WeftError('UNIMPLEMENTED', 'trace settings hold for all models: change them without a model name');
      if (control === undefined)
        throw new WeftError(
          'FAILED_PRECONDITION',
          'nothing is traced: this process was started without --otlp-endpoint',
        );
      for (const change of changes) control.change(change);
      log.info('trace.settings', { by: identity.name, settings: Object.keys(settings) });
    }
    return { settings: readSettings(control) };
  };
}

function readSettings(control: TraceControl | undefined): NonNullable<TraceSettingResponse['settings']> {
  const { on, rate, count } = control?.now ?? { on: false, rate: 1, count: -1 };
  return {
    trace_file: { value: [''] },
    trace_level: { value: [on ? 'TIMESTAMPS' : 'OFF'] },
    trace_rate: { value: [String(rate)] },
    trace_count: { value: [String(count)] },
    log_frequency: { value: ['0'] },
    trace_mode: { value: ['opentelemetry'] },
  };
}

/** Without values a setting goes back to what it was at the start. */
function planChange(
  name: string,
  values: readonly string[],
  control: TraceControl | undefined,
): Partial<TraceSettings> {
  const reset = values.length === 0;
  switch (name) {
    case 'trace_level':
      if (reset) return { on: control?.initial.on ?? false };
      if (values.some((value) => value !== 'OFF' && value !== 'TIMESTAMPS') || new Set(values).size > 1)
        throw invalidArgument("trace setting 'trace_level' must be OFF or TIMESTAMPS");
      return { on: values[0] === 'TIMESTAMPS' };
    case 'trace_rate':
      return { rate: reset ? (control?.initial.rate ?? 1) : wholeNumber(name, values, 1) };
    case 'trace_count':
      return { count: reset ? (control?.initial.count ?? -1) : wholeNumber(name, values, -1) };
    case 'trace_file':
      throw new WeftError('UNIMPLEMENTED', 'trace file location can not be updated through network protocol');
    case 'log_frequency':
    case 'trace_mode':
      throw new WeftError(
        'UNIMPLEMENTED',
        `trace setting '${name}' cannot be changed: traces are sent by OpenTelemetry`,
      );
    default:
      throw invalidArgument(`unknown trace setting '${name}': expected ${changeable.join(', ')}`);
  }
}

function wholeNumber(name: string, [text = '', ...more]: readonly string[], minimum: number): number {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (more.length > 0 || !(value >= minimum && value < 2 ** 31))
    throw invalidArgument(`trace setting '${name}' must be a whole number, at least ${minimum}`);
  return value;
}
