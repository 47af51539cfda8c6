// Classification, Triton's extension: a requested output with the parameter `classification: k` is answered by its k largest values, each
// as text `value:index`, with `:label` behind it where the configuration names a file of labels.
import { invalidArgument, WeftError } from '@weft/errors';
import type { Datatype, Tensor, TypedArray } from '@weft/tensor';

const unordered: ReadonlySet<Datatype> = new Set(['BYTES', 'BOOL', 'FP16', 'BF16']);

/** Throws INVALID_ARGUMENT for an output whose values have no order here. */
export function checkClassifiable(output: string, datatype: Datatype): void {
  if (unordered.has(datatype))
    throw invalidArgument(`class result not available for output '${output}' due to unsupported type '${datatype}'`);
}

export interface Classes {
  readonly count: number;
  /** By index; there may be fewer than values. */
  readonly labels: readonly string[];
  /** Whether the first dimension is the rows, each of which is classified by itself. */
  readonly batches: boolean;
}

/** A BYTES tensor of shape [rows, k], or [k]: k is never more than there are values. */
export function classified({ datatype, shape, elements }: Tensor, { count, labels, batches }: Classes): Tensor {
  const values = elements as TypedArray;
  const written = datatype === 'FP32' || datatype === 'FP64' ? writtenFloat : String;
  const rows = batches ? (shape[0] ?? 1) : 1;
  const perRow = rows === 0 ? 0 : values.length / rows;
  if (!Number.isInteger(perRow)) throw new WeftError('INTERNAL', 'an output has not the same size in every row');
  const top = Math.min(count, perRow);
  const texts: Uint8Array[] = [];
  for (let row = 0; row < rows; row++) {
    const ofRow = values.subarray(row * perRow, (row + 1) * perRow);
    for (const index of largest(ofRow).slice(0, top)) {
      const label = labels[index] ?? '';
      texts.push(Buffer.from(`${written(ofRow[index] as number | bigint)}:${index}${label === '' ? '' : `:${label}`}`));
    }
  }
  return { datatype: 'BYTES', shape: batches ? [rows, top] : [top], elements: texts };
}

/** Positions, the largest value first; of equal ones the first. What is not a number comes last. */
function largest(values: TypedArray): number[] {
  const rank = (index: number): number | bigint => {
    const value = values[index] as number | bigint;
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  return Array.from({ length: values.length }, (_, index) => index).sort((a, b) => {
    const [one, other] = [rank(a), rank(b)];
    return one === other ? a - b : one < other ? 1 : -1;
  });
}

/** As C++'s std::to_string writes it: clients split the text and read the number back. */
function writtenFloat(value: number | bigint): string {
  const float = Number(value);
  if (Number.isNaN(float)) return 'nan';
  if (!Number.isFinite(float)) return float > 0 ? 'inf' : '-inf';
  // toFixed would write an exponent.
  return Math.abs(float) < 1e21 ? float.toFixed(6) : `${BigInt(float)}.000000`;
}
