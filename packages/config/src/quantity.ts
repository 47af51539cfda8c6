// Numbers with a unit, as people type them: 64MiB, 1.5GB, 500ms, 2m. Durations need their unit, because a bare number
// is milliseconds to one reader and seconds to the next; bytes do not. Formatting inverts parsing exactly.

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

const byteUnits: readonly (readonly [string, number])[] = [
  ['TiB', 1024 * GiB],
  ['TB', 1e12],
  ['GiB', GiB],
  ['GB', 1e9],
  ['MiB', MiB],
  ['MB', 1e6],
  ['KiB', KiB],
  ['KB', 1e3],
  ['B', 1],
];
const durationUnits: readonly (readonly [string, number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** Bytes, or undefined where the text is no size. Units in any case: KB is 1,000 bytes, KiB 1,024. */
export function parseBytes(text: string): number | undefined {
  const parts = splitQuantity(text);
  if (parts === undefined) return undefined;
  const unit = parts.unit === '' ? 1 : unitNamed(byteUnits, parts.unit.toLowerCase());
  const bytes = unit === undefined ? Number.NaN : parts.amount * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Milliseconds, or undefined where the text is no duration. Zero needs no unit. */
export function parseDuration(text: string): number | undefined {
  const parts = splitQuantity(text);
  if (parts === undefined) return undefined;
  const unit = parts.unit === '' && parts.amount === 0 ? 1 : unitNamed(durationUnits, parts.unit.toLowerCase());
  return unit === undefined ? undefined : parts.amount * unit;
}

export function formatBytes(bytes: number): string {
  return formatQuantity(bytes, byteUnits);
}

export function formatDuration(milliseconds: number): string {
  return formatQuantity(milliseconds, durationUnits);
}

function splitQuantity(text: string): { amount: number; unit: string } | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  return match === null ? undefined : { amount: Number(match[1]), unit: match[2] ?? '' };
}

function unitNamed(units: readonly (readonly [string, number])[], lowerCaseName: string): number | undefined {
  return units.find(([name]) => name.toLowerCase() === lowerCaseName)?.[1];
}

/** In the largest unit that leaves a whole number. */
function formatQuantity(amount: number, units: readonly (readonly [string, number])[]): string {
  const exact = amount === 0 ? undefined : units.find(([, size]) => amount % size === 0);
  const [name, size] = exact ?? (units.at(-1) as readonly [string, number]);
  return `${amount / size}${name}`;
}
