// Reads a group of settings from a command line and an environment that the caller passes in. A flag wins over a
// variable, a variable over the default. An unknown flag is an error (it is most likely a misspelt one); an unknown
// variable is not, because one environment serves many processes.
import { parseArgs } from 'node:util';
import { invalidArgument } from '@weft/errors';
import { nearestName } from './nearest-name.ts';
import { acceptedBy, parseSetting, type SettingValue } from './parse-setting.ts';
import { flagOf, type Setting, type SettingDefinitions, type SettingsOf, variableOf } from './setting.ts';

export interface SettingSources {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The values of all settings. Throws INVALID_ARGUMENT naming the flag or variable, what it got and what it accepts. */
export function readSettings<D extends SettingDefinitions>(definitions: D, sources: SettingSources): SettingsOf<D> {
  const flags = readFlags(definitions, sources.argv);
  const settings = Object.entries(definitions).map(([key, setting]): [string, SettingValue | undefined] => [
    key,
    flags.get(key) ??
      readVariable(key, setting, sources.env) ??
      setting.default ??
      (setting.kind === 'list' ? [] : undefined),
  ]);
  return Object.fromEntries(settings) as SettingsOf<D>;
}

function readVariable(key: string, setting: Setting, env: SettingSources['env']): SettingValue | undefined {
  const name = variableOf(key, setting);
  const text = env[name];
  // An empty variable counts as absent: that is how deployments switch one off.
  if (text === undefined || text === '') return undefined;
  // Kubernetes sets WEFT_PORT=tcp://10.0.0.1:8001 in every container beside a Service that is named weft.
  if (setting.kind === 'port' && text.startsWith('tcp://')) return undefined;
  return parse(setting, name, text);
}

function readFlags(definitions: SettingDefinitions, argv: readonly string[]): Map<string, SettingValue> {
  const keyOfFlag = new Map(Object.keys(definitions).map((key) => [flagOf(key).slice(2), key]));
  const options = Object.fromEntries(
    [...keyOfFlag].map(([flag, key]) => [
      flag,
      { type: definitions[key]?.kind === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const values = new Map<string, SettingValue>();
  for (const token of tokens) {
    if (token.kind === 'positional') throw invalidArgument(`unexpected argument ${JSON.stringify(token.value)}`);
    if (token.kind !== 'option') continue;
    const negated = negatedFlag(token.name, keyOfFlag, definitions);
    if (negated !== undefined) {
      if (token.value !== undefined) throw invalidArgument(`${token.rawName} takes no value`);
      values.set(negated, false);
      continue;
    }
    const key = token.rawName.startsWith('--') ? keyOfFlag.get(token.name) : undefined;
    const setting = key === undefined ? undefined : definitions[key];
    if (key === undefined || setting === undefined) throw unknownFlag(token.rawName, keyOfFlag, definitions);
    // `--port --bind x` has forgotten the port; a value that really starts with two dashes is written --flag=value.
    const forgotten = token.inlineValue === false && token.value.startsWith('--');
    const value = parseFlag(setting, token.rawName, forgotten ? undefined : token.value);
    const earlier = values.get(key);
    values.set(key, setting.kind === 'list' && Array.isArray(earlier) ? [...earlier, ...(value as string[])] : value);
  }
  return values;
}

function parseFlag(setting: Setting, rawName: string, text: string | undefined): SettingValue {
  if (text !== undefined) return parse(setting, rawName, text);
  if (setting.kind === 'boolean') return true;
  throw invalidArgument(`${rawName} needs a value: it accepts ${acceptedBy(setting)}`);
}

function parse(setting: Setting, source: string, text: string): SettingValue {
  const value = parseSetting(setting, text);
  if (value !== undefined) return value;
  throw invalidArgument(`${source} is ${JSON.stringify(text)}, but it accepts ${acceptedBy(setting)}`);
}

/** The key of the boolean that `--no-<flag>` switches off. */
function negatedFlag(name: string, keyOfFlag: ReadonlyMap<string, string>, definitions: SettingDefinitions) {
  const key = name.startsWith('no-') ? keyOfFlag.get(name.slice(3)) : undefined;
  return key !== undefined && definitions[key]?.kind === 'boolean' ? key : undefined;
}

function unknownFlag(rawName: string, keyOfFlag: ReadonlyMap<string, string>, definitions: SettingDefinitions) {
  const flags = [...keyOfFlag].flatMap(([flag, key]) =>
    definitions[key]?.kind === 'boolean' ? [`--${flag}`, `--no-${flag}`] : [`--${flag}`],
  );
  const meant = nearestName(rawName, flags);
  return invalidArgument(`unknown flag ${rawName}${meant === undefined ? '' : `: did you mean ${meant}?`}`);
}
