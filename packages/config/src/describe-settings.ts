// Settings as rows of text: what `weft help settings` prints and what docs/settings.md is made from.
import { formatBytes, formatDuration } from './quantity.ts';
import { flagOf, type Setting, type SettingDefinitions, variableOf } from './setting.ts';

export interface SettingRow {
  /** `--no-default-models` for a boolean that is on by default. */
  readonly flag: string;
  readonly env: string;
  readonly type: string;
  /** With its unit; empty where there is none. */
  readonly default: string;
  readonly doc: string;
}

export interface SettingGroup {
  readonly title: string;
  readonly settings: SettingDefinitions;
}

export function describeSettings(definitions: SettingDefinitions): readonly SettingRow[] {
  return Object.entries(definitions).map(([key, setting]) => ({
    flag: setting.kind === 'boolean' && setting.default === true ? `--no-${flagOf(key).slice(2)}` : flagOf(key),
    env: variableOf(key, setting),
    type: typeOf(setting),
    default: formatDefault(setting),
    doc: setting.doc,
  }));
}

/** One Markdown table for each group, under a second-level heading. */
export function settingsMarkdown(groups: readonly SettingGroup[]): string {
  return groups.map(groupMarkdown).join('\n');
}

function groupMarkdown({ title, settings }: SettingGroup): string {
  const header = ['| flag | variable | type | default | what it is |', '|---|---|---|---|---|'];
  const rows = describeSettings(settings).map((row) => {
    const cells = [code(row.flag), code(row.env), row.type, code(row.default), row.doc];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [`## ${title}`, '', ...header, ...rows, ''].join('\n');
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function typeOf(setting: Setting): string {
  if (setting.kind === 'choice') return setting.values.join(' | ');
  if (setting.kind === 'list') return setting.item === undefined ? 'list' : `list of ${setting.item}`;
  return setting.kind;
}

function formatDefault(setting: Setting): string {
  const value = setting.default;
  if (value === undefined) return '';
  if (setting.kind === 'bytes') return formatBytes(Number(value));
  if (setting.kind === 'duration') return formatDuration(Number(value));
  return Array.isArray(value) ? value.join(',') : String(value);
}
