// What a setting is: its kind, default and line of documentation, declared once as plain objects. Flag, environment
// variable, help, documentation and the TypeScript type of the value all come from that one declaration, so they
// cannot drift apart. Nothing here reads the environment: a process's config.ts passes it in.

interface Declared<Value> {
  /** Absent: the value is undefined unless it was given (a list is then empty). */
  readonly default?: Value;
  /** One line for people, without a full stop's worth of detail that the code knows better. */
  readonly doc: string;
  /** The environment variable, where a standard one exists; otherwise it follows from the key. */
  readonly env?: string;
}

interface Bounded extends Declared<number> {
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface TextSetting extends Declared<string> {
  readonly kind: 'string' | 'path';
}
/** `bytes` is in bytes, `duration` in milliseconds. */
export interface NumberSetting extends Bounded {
  readonly kind: 'integer' | 'number' | 'port' | 'bytes' | 'duration';
}
export interface BooleanSetting extends Declared<boolean> {
  readonly kind: 'boolean';
}
export interface ListSetting extends Declared<readonly string[]> {
  readonly kind: 'list';
  /** What every item is, for messages and help: `host:port`. */
  readonly item?: string;
  /** Throws where an item is not that. */
  readonly check?: (item: string) => void;
}
export interface ChoiceSetting extends Declared<string> {
  readonly kind: 'choice';
  readonly values: readonly string[];
}

export type Setting = TextSetting | NumberSetting | BooleanSetting | ListSetting | ChoiceSetting;
export type SettingKind = Setting['kind'];
export type SettingDefinitions = Readonly<Record<string, Setting>>;

type GivenValue<S extends Setting> = S extends NumberSetting
  ? number
  : S extends BooleanSetting
    ? boolean
    : S extends ListSetting
      ? readonly string[]
      : S extends ChoiceSetting
        ? S['values'][number]
        : string;

type AbsentValue<S extends Setting> = S extends { readonly default: unknown } | ListSetting ? never : undefined;

/** The type of the values that a group of definitions yields. */
export type SettingsOf<D extends SettingDefinitions> = {
  readonly [K in keyof D]: GivenValue<D[K]> | AbsentValue<D[K]>;
};

/** Keeps the literal types of the definitions, from which SettingsOf infers. */
export function defineSettings<const D extends SettingDefinitions>(definitions: D): D {
  return definitions;
}

type Defaults<D extends SettingDefinitions> = { readonly [K in keyof D]?: GivenValue<D[K]> };
export type WithDefaults<D extends SettingDefinitions, O extends Defaults<D>> = {
  readonly [K in keyof D]: K extends keyof O ? Omit<D[K], 'default'> & { readonly default: O[K] } & Setting : D[K];
};

/** The same settings with other defaults: a shared group leaves its ports open, each service fills them in. */
export function withDefaults<D extends SettingDefinitions, const O extends Defaults<D>>(
  definitions: D,
  defaults: O,
): WithDefaults<D, O> {
  const overridden = Object.entries(definitions).map(([key, setting]) =>
    Object.hasOwn(defaults, key) ? [key, { ...setting, default: defaults[key] }] : [key, setting],
  );
  return Object.fromEntries(overridden) as WithDefaults<D, O>;
}

/** `maxBatchBytes` → `--max-batch-bytes`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `maxBatchBytes` → `WEFT_MAX_BATCH_BYTES`, unless the setting names its own variable. */
export function variableOf(key: string, setting: Setting): string {
  return setting.env ?? `WEFT_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
