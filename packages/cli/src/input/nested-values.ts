// Nested JSON arrays and the flat, row-major form of tensors, both ways.
import { invalidArgument } from '@weft/errors';

export type Scalar = string | number | boolean;

export interface FlatValues {
  readonly shape: number[];
  readonly values: Scalar[];
}

/** Throws INVALID_ARGUMENT, naming the input, where rows differ in length or an element is no number, text or truth. */
export function flatten(input: string, value: unknown): FlatValues {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  const values: Scalar[] = [];
  collect(value, 0);
  return { shape, values };

  function collect(part: unknown, depth: number): void {
    if (depth < shape.length) {
      if (!Array.isArray(part) || part.length !== shape[depth]) {
        throw invalidArgument(`input '${input}': rows of one array differ in length or depth`);
      }
      for (const inner of part) collect(inner, depth + 1);
    } else if (typeof part === 'number' || typeof part === 'string' || typeof part === 'boolean') {
      values.push(part);
    } else {
      throw invalidArgument(`input '${input}': ${JSON.stringify(part)} is no element of a tensor`);
    }
  }
}

/** `[1, 2, 3, 4]` of shape [2, 2] as `[[1, 2], [3, 4]]`. */
export function formatNested(shape: readonly number[], values: readonly string[]): string {
  const [size, ...rest] = shape;
  if (size === undefined) return values[0] ?? '';
  const stride = rest.reduce((product, inner) => product * inner, 1);
  const parts = Array.from({ length: size }, (_, index) =>
    formatNested(rest, values.slice(index * stride, (index + 1) * stride)),
  );
  return `[${parts.join(', ')}]`;
}
