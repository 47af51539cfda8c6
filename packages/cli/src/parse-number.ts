// Numbers in options, for commander's argument parsers: a wrong one is wrong usage and is named with its option.
import { parseDuration } from '@weft/config';
import { InvalidArgumentError } from 'commander';

/** A whole number of at least `minimum`. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= minimum)) throw new InvalidArgumentError(`It must be a whole number of at least ${minimum}.`);
    return value;
  };
}

/** A number between 0 and 1. */
export function share(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be a number between 0 and 1.');
  return value;
}

/** A number of at least 0. */
export function amount(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number of at least 0.');
  return value;
}

/** A number above `minimum`, of at most `maximum`. */
export function amountAbove(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value > minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be a number above ${minimum}, of at most ${maximum}.`);
  };
}

/** A duration above zero, in ms. */
export function duration(text: string): number {
  const value = parseDuration(text);
  if (value !== undefined && value > 0) return value;
  throw new InvalidArgumentError('It must be a duration such as 500ms, 30s or 2m.');
}

export interface ShareLimits {
  /** Whether nothing (0%) is a share too. */
  readonly nothing: boolean;
  /** Whether everything (100%) is. */
  readonly everything: boolean;
}

/** A share of requests, as `10%` or as `0.1`. */
export function requestShare({ nothing, everything }: ShareLimits): (text: string) => number {
  return (text) => {
    const [, digits = '', percent] = /^(\d+(?:\.\d*)?|\.\d+)(%?)$/.exec(text) ?? [];
    const value = digits === '' ? Number.NaN : Number(digits) / (percent === '%' ? 100 : 1);
    const valid = (nothing ? value >= 0 : value > 0) && (everything ? value <= 1 : value < 1);
    if (valid) return value;
    const range = `${nothing ? 'from 0%' : 'above 0%'} ${everything ? 'to 100%' : 'and below 100%'}`;
    throw new InvalidArgumentError(`It must be a share ${range}, such as 10% or 0.1.`);
  };
}
