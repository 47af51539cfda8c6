// Which requests run together. Requests are joined when their tensors have the same names and the same sizes behind the
// rows; where the configuration allows padding, sizes of a padded dimension need not be equal but lie in one bucket, from
// above a power of two up to the next: so no dimension is padded to twice its length. A request of more rows than the model
// takes is cut into pieces, and its last piece may share a run with others. Of ragged batches every row is a piece.
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
  {
    maxBatchSize,
    padding,
    ragged,
  }: Pick<InferInterface, 'maxBatchSize' | 'padding'> & Partial<Pick<InferInterface, 'ragged'>>,
): Piece[][] {
  if (maxBatchSize === 0) return requests.map((inputs, request) => [{ request, from: 0, rows: rowsOf(inputs) }]);
  const runs: Piece[][] = [];
  const open = new Map<string, { pieces: Piece[]; rows: number }>();
  const add = (piece: Piece, key: string): void => {
    const run = open.get(key);
    if (run !== undefined && run.rows + piece.rows <= maxBatchSize) {
      run.pieces.push(piece);
      run.rows += piece.rows;
      return;
    }
    if (run !== undefined) runs.push(run.pieces);
    open.set(key, { pieces: [piece], rows: piece.rows });
  };
  for (const [request, inputs] of requests.entries()) {
    const all = rowsOf(inputs);
    let from = 0;
    const key = joinKey(inputs, padding, ragged?.inputs);
    if (ragged !== undefined) {
      for (; from < all; from++) add({ request, from, rows: 1 }, key);
      continue;
    }
    for (; all - from > maxBatchSize; from += maxBatchSize) runs.push([{ request, from, rows: maxBatchSize }]);
    add({ request, from, rows: all - from }, key);
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
function joinKey(inputs: TensorMap, padding: InferInterface['padding'], ragged: ReadonlySet<string> = none): string {
  return Object.keys(inputs)
    .sort()
    .map((name) => {
      // Of these every row may have a size of its own.
      if (ragged.has(name)) return name;
      const axes = padding.inputs.get(name)?.axes ?? [];
      const { shape } = inputs[name] as Tensor;
      const sizes = shape.map((size, axis) => (axes.includes(axis) ? `<${bucketOf(size)}` : size));
      return `${name}:${sizes.slice(1).join('x')}`;
    })
    .join(';');
}

const none: ReadonlySet<string> = new Set();

/** The least power of two that is at least the size. */
function bucketOf(size: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(size, 1)));
}
