// One run for pieces of several requests: their tensors are padded to a common size where that is needed, joined along
// the rows, and the outputs cut apart again.
import { WeftError } from '@weft/errors';
import { cutTensor, joinRows, padTensor, sliceRows, splitRows, type Tensor, type TensorMap } from '@weft/tensor';
import type { TensorInterface } from '../task.ts';
import type { InferInterface } from './infer-interface.ts';
import { raggedFeeds } from './ragged-batch.ts';

/** Rows of one request. */
export interface RunPiece {
  /** All tensors of the request. */
  readonly inputs: TensorMap;
  readonly from: number;
  readonly rows: number;
}

export interface JoinedRun {
  readonly target: InferInterface;
  readonly tensors: Pick<TensorInterface, 'run'>;
  /** Undefined: all. */
  readonly outputNames: readonly string[] | undefined;
}

/**
 * The outputs of each piece. The pieces have the same inputs, at least one. Throws INTERNAL when an output has not a row
 * for each row of the inputs.
 */
export async function runJoined(pieces: readonly RunPiece[], run: JoinedRun): Promise<TensorMap[]> {
  const { target, tensors, outputNames } = run;
  const feeds = target.ragged === undefined ? joinedFeeds(pieces, target) : raggedFeeds(pieces.map(own), target.ragged);
  const outputs = await tensors.run(feeds, outputNames);
  const counts = pieces.map(({ rows }) => rows);
  const total = counts.reduce((sum, rows) => sum + rows, 0);
  const parts = Object.entries(outputs).map(([name, tensor]) => {
    if (tensor.shape[0] !== total) throw wrongRows(target.model, { name, rows: tensor.shape[0], expected: total });
    return { name, rows: splitRows(tensor, counts) };
  });
  return pieces.map(({ inputs }, index) =>
    Object.fromEntries(
      parts.map(({ name, rows }) => [name, cutBack({ name, output: rows[index] as Tensor, inputs, feeds, target })]),
    ),
  );
}

function joinedFeeds(pieces: readonly RunPiece[], target: InferInterface): TensorMap {
  const parts = pieces.map(own);
  const names = Object.keys(parts[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const tensors = parts.map((part) => part[name] as Tensor);
      return [name, joinRows(padded(name, tensors, target) as [Tensor, ...Tensor[]])];
    }),
  );
}

/** The rows of a piece alone. */
function own({ inputs, from, rows }: RunPiece): TensorMap {
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, sliceRows(tensor, from, rows)]));
}

/** The tensors of one input, each as large as the largest in every padded dimension. */
function padded(name: string, tensors: readonly Tensor[], { padding }: InferInterface): readonly Tensor[] {
  const input = padding.inputs.get(name);
  if (input === undefined) return tensors;
  const longest = (axis: number): number => Math.max(...tensors.map(({ shape }) => shape[axis] as number));
  const sizes = new Map(input.axes.map((axis) => [axis, longest(axis)]));
  return tensors.map((tensor) => {
    const shape = tensor.shape.map((size, axis) => sizes.get(axis) ?? size);
    return sameShape(shape, tensor.shape) ? tensor : padTensor(tensor, shape, input.fill);
  });
}

/** One request's part of an output without what stands where only padding was fed. */
function cutBack({
  name,
  output,
  inputs,
  feeds,
  target,
}: {
  readonly name: string;
  readonly output: Tensor;
  /** The request's own, before padding, and what was fed. */
  readonly inputs: TensorMap;
  readonly feeds: TensorMap;
  readonly target: InferInterface;
}): Tensor {
  const shape = [...output.shape];
  for (const { axis, sources } of target.padding.outputs.get(name) ?? []) {
    const source = sources.find(({ input }) => Object.hasOwn(inputs, input));
    if (source === undefined) continue;
    const own = inputs[source.input]?.shape[source.inputAxis] as number;
    const fed = feeds[source.input]?.shape[source.inputAxis];
    if (own === fed) continue;
    if (shape[axis] !== fed) {
      throw new WeftError(
        'INTERNAL',
        `model '${target.model}' gave output '${name}' the size ${shape[axis]} in dimension ${axis}, where '${source.input}' has ${fed}: weft.cut.${name} should say what it follows`,
      );
    }
    shape[axis] = own;
  }
  return sameShape(shape, output.shape) ? output : cutTensor(output, shape);
}

function sameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.every((size, axis) => size === other[axis]);
}

function wrongRows(
  model: string,
  { name, rows, expected }: { readonly name: string; readonly rows: number | undefined; readonly expected: number },
): WeftError {
  return new WeftError(
    'INTERNAL',
    `model '${model}' gave output '${name}' ${rows} rows for ${expected}: its max_batch_size should be 0`,
  );
}
