// Which requests run together. Requests are joined when their tensors have the same names and the same sizes behind the
// rows; where the configuration allows padding, sizes of a padded dimension need not be equal but lie in one bucket, from
// above a power of two up to the next: so no dimension is padded to twice its length. A request of more rows than the model
// takes is cut into pieces, and its last piece may share a run with others.
import type { Tensor, TensorMap } from '@weft/tensor';
import type { InferInterface } from './infer-interface.ts';

/** `rows` rows of one request, from row `from` on. */
export interface Piece {
  /** Its position among the requests. */
  readonly request: number;
  readonly from: number;
  readonly rows: number;
}

/** The pieces of each run: every row of every request in exactly one, and no run over the maximum. */
export function planJoins(
  requests: readonly TensorMap[],
  { maxBatchSize, padding }: Pick<InferInterface, 'maxBatchSize' | 'padding'>,
): Piece[][] {
  if (maxBatchSize === 0) return requests.map((inputs, request) => [{ request, from: 0, rows: rowsOf(inputs) }]);
  const runs: Piece[][] = [];
  const open = new Map<string, { pieces: Piece[]; rows: number }>();
  for (const [request, inputs] of requests.entries()) {
    const all = rowsOf(inputs);
    let from = 0;
    for (; all - from > maxBatchSize; from += maxBatchSize) runs.push([{ request, from, rows: maxBatchSize }]);
    const piece = { request, from, rows: all - from };
    const key = joinKey(inputs, padding);
    const run = open.get(key);
    if (run !== undefined && run.rows + piece.rows <= maxBatchSize) {
      run.pieces.push(piece);
      run.rows += piece.rows;
      continue;
    }
    if (run !== undefined) runs.push(run.pieces);
    open.set(key, { pieces: [piece], rows: piece.rows });
  }
  for (const { pieces } of open.values()) runs.push(pieces);
  return runs;
}

/** The first dimension of the first input; 0 without one. */
export function rowsOf(inputs: TensorMap): number {
  const [first] = Object.values(inputs);
  return first?.shape[0] ?? 0;
}

/** Equal for requests that can be joined. */
function joinKey(inputs: TensorMap, padding: InferInterface['padding']): string {
  return Object.keys(inputs)
    .sort()
    .map((name) => {
      const axes = padding.inputs.get(name)?.axes ?? [];
      const { shape } = inputs[name] as Tensor;
      const sizes = shape.map((size, axis) => (axes.includes(axis) ? `<${bucketOf(size)}` : size));
      return `${name}:${sizes.slice(1).join('x')}`;
    })
    .join(';');
}

/** The least power of two that is at least the size. */
function bucketOf(size: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(size, 1)));
}
