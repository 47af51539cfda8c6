// Typed reads from a layer's config. Every error names the layer, because a person meets it with one model in hand.
// A missing or null setting takes the fallback, as in TensorFlow.js.
import { WeftError } from '@weft/errors';
import type { Layer } from './layer.ts';

/** The model says something about this layer that the converter cannot or must not follow. */
export function layerError(layer: Layer, message: string): WeftError {
  return new WeftError('INVALID_ARGUMENT', `layer "${layer.name}" (${layer.className}): ${message}`);
}

export function numberOf(layer: Layer, key: string, fallback: number): number {
  const value = layer.config[key] ?? fallback;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw layerError(layer, `${key} is not a number`);
  return value;
}

export function booleanOf(layer: Layer, key: string, fallback: boolean): boolean {
  const value = layer.config[key] ?? fallback;
  if (typeof value !== 'boolean') throw layerError(layer, `${key} is not true or false`);
  return value;
}

export function choiceOf<const T extends string>(layer: Layer, key: string, choices: readonly [T, ...T[]]): T {
  const value = layer.config[key] ?? choices[0];
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw layerError(layer, `${key} ${JSON.stringify(value)} is not supported`);
  return choice;
}

/** A list of integers; undefined where the setting is missing. A lone integer is a list of one. */
export function integersOf(layer: Layer, key: string): readonly number[] | undefined {
  const value = layer.config[key];
  if (value === undefined || value === null) return undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((item): item is number => Number.isSafeInteger(item)))
    throw layerError(layer, `${key} is not a list of integers`);
  return list;
}

/** As many positive integers as the fallback has; a lone integer counts for all of them. */
export function sizesOf(layer: Layer, key: string, fallback: readonly number[]): readonly number[] {
  const rank = fallback.length;
  const value = integersOf(layer, key) ?? fallback;
  const sizes = value.length === 1 ? new Array<number>(rank).fill(value[0] ?? 0) : value;
  if (sizes.length !== rank || sizes.some((size) => size < 1))
    throw layerError(layer, `${key} needs ${rank} positive integers`);
  return sizes;
}

export interface Border {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Amounts before and after, of height and of width: from n, [h, w] or [[top, bottom], [left, right]]. */
export function borderOf(layer: Layer, key: string, fallback: number): Border {
  const value = layer.config[key] ?? fallback;
  const [height, width]: unknown[] = Array.isArray(value) && value.length === 2 ? value : [value, value];
  const [top, bottom]: unknown[] = Array.isArray(height) ? height : [height, height];
  const [left, right]: unknown[] = Array.isArray(width) ? width : [width, width];
  if (isAmount(top) && isAmount(bottom) && isAmount(left) && isAmount(right)) return { top, bottom, left, right };
  throw layerError(layer, `${key} ${JSON.stringify(value)} is not a border`);
}

function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Image layers are converted in the axis order that TensorFlow.js computes in. */
export function requireChannelsLast(layer: Layer): void {
  choiceOf(layer, 'data_format', ['channels_last']);
}
