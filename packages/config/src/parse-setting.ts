// One value of a setting, from the text of a flag or an environment variable. The caller knows where the text came
// from; here is only what is accepted and why a text is not.
import { parseBytes, parseDuration } from './quantity.ts';
import type { Setting } from './setting.ts';

export type SettingValue = string | number | boolean | readonly string[];

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

/** The value, or undefined where `text` is not what `acceptedBy(setting)` says. */
export function parseSetting(setting: Setting, text: string): SettingValue | undefined {
  switch (setting.kind) {
    case 'string':
    case 'path':
      return text === '' ? undefined : text;
    case 'choice':
      return setting.values.includes(text) ? text : undefined;
    case 'boolean': {
      const word = text.toLowerCase();
      return Object.hasOwn(truths, word) ? truths[word] : undefined;
    }
    case 'list':
      return parseItems(text, setting.check);
    case 'integer':
    case 'port':
      return within(setting, /^[+-]?\d+$/.test(text) ? Number(text) : undefined);
    case 'number':
      return within(setting, text.trim() === '' ? undefined : Number(text));
    case 'bytes':
      return within(setting, parseBytes(text));
    case 'duration':
      return within(setting, parseDuration(text));
  }
}

/** What a setting takes, to end the sentence "it accepts …". */
export function acceptedBy(setting: Setting): string {
  switch (setting.kind) {
    case 'string':
      return 'a text that is not empty';
    case 'path':
      return 'a path';
    case 'choice':
      return setting.values.join(', ');
    case 'boolean':
      return 'true or false';
    case 'list':
      return setting.item === undefined ? 'a comma-separated list' : `a comma-separated list of ${setting.item}`;
    case 'integer':
      return `a whole number${rangeOf(setting)}`;
    case 'port':
      return 'a port number from 0 to 65535';
    case 'number':
      return `a number${rangeOf(setting)}`;
    case 'bytes':
      return `a size such as 4096, 64KB or 64MiB${rangeOf(setting)}`;
    case 'duration':
      return `a duration such as 500ms, 10s or 2m${rangeOf(setting)}`;
  }
}

interface Range {
  readonly kind: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

function within(setting: Range, value: number | undefined): number | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined;
  if (setting.kind !== 'number' && setting.kind !== 'duration' && !Number.isSafeInteger(value)) return undefined;
  const [low, high] = bounds(setting);
  return value >= low && value <= high ? value : undefined;
}

function bounds(setting: Range): readonly [number, number] {
  if (setting.kind === 'port') return [0, 65_535];
  return [setting.minimum ?? Number.NEGATIVE_INFINITY, setting.maximum ?? Number.POSITIVE_INFINITY];
}

function rangeOf(setting: Range): string {
  const [low, high] = bounds(setting);
  if (low > Number.NEGATIVE_INFINITY && high < Number.POSITIVE_INFINITY) return ` from ${low} to ${high}`;
  if (low > Number.NEGATIVE_INFINITY) return `, at least ${low}`;
  return high < Number.POSITIVE_INFINITY ? `, at most ${high}` : '';
}

function parseItems(text: string, check: ((item: string) => void) | undefined): readonly string[] | undefined {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  try {
    for (const item of items) check?.(item);
  } catch {
    return undefined;
  }
  return items;
}
