// A model's tensors as its configuration shows them to clients: only the outputs that it lists, in shapes of its own where it reshapes
// (`dims` is what clients see, `reshape` what the model sees). Elements stay where they are; only shapes change.
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { elementCount, type TensorMap, type TensorSpec } from '@weft/tensor';
import type { TensorInterface } from '../task.ts';

interface Reshape {
  /** Without the rows. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** `config` is completed (completeConfig) from these tensors. */
export function shownTensors(config: ModelConfig__Output, tensors: TensorInterface): TensorInterface {
  const batches = config.maxBatchSize > 0;
  const inputReshapes = new Map<string, Reshape>();
  const outputReshapes = new Map<string, Reshape>();
  for (const { name, dims, reshape } of config.input)
    if (reshape !== null && reshape !== undefined) inputReshapes.set(name, { from: dims, to: reshape.shape });
  for (const { name, dims, reshape } of config.output)
    if (reshape !== null && reshape !== undefined) outputReshapes.set(name, { from: reshape.shape, to: dims });
  const shown = (configured: readonly { name: string; dims: number[] }[], specs: readonly TensorSpec[]) =>
    configured.map(({ name, dims }) =>
      shownSpec(dims, specs.find((spec) => spec.name === name) as TensorSpec, batches),
    );
  const outputs = shown(config.output, tensors.outputs);
  // What is kept for the next request of a sequence is computed whether clients see it or not.
  const kept = config.sequenceBatching?.state.map(({ outputName }) => outputName) ?? [];
  const computed = [...new Set([...outputs.map(({ name }) => name), ...kept])];
  const listed = computed.length < tensors.outputs.length ? computed : undefined;
  const toModel = (feeds: TensorMap): TensorMap => reshaped(feeds, inputReshapes, batches);
  const toClient = (results: TensorMap): TensorMap => reshaped(results, outputReshapes, batches);
  const { streamSlots } = tensors;
  return {
    inputs: shown(config.input, tensors.inputs),
    outputs,
    async run(feeds, outputNames = listed) {
      return toClient(await tensors.run(toModel(feeds), outputNames));
    },
    ...(streamSlots === undefined ? {} : { streamSlots }),
    ...(tensors.stream === undefined
      ? {}
      : {
          async *stream(feeds, context) {
            for await (const results of tensors.stream?.(toModel(feeds), context) ?? []) yield toClient(results);
          },
        }),
  };
}

/** The names that the model gives its dimensions count where the configuration has as many. */
function shownSpec(dims: readonly number[], spec: TensorSpec, batches: boolean): TensorSpec {
  const { name, datatype, dimensionNames } = spec;
  // Of scalars, and of tensors of which the runtime knows no shape, there is nothing to show but what is configured.
  const shape = batches && (dims.length > 0 || spec.shape.length > 0) ? [-1, ...dims] : dims;
  return dimensionNames?.length === shape.length
    ? { name, datatype, shape, dimensionNames }
    : { name, datatype, shape };
}

function reshaped(tensors: TensorMap, reshapes: ReadonlyMap<string, Reshape>, batches: boolean): TensorMap {
  if (reshapes.size === 0) return tensors;
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const reshape = reshapes.get(name);
      return [name, reshape === undefined ? tensor : { ...tensor, shape: shapeAfter(tensor.shape, reshape, batches) }];
    }),
  );
}

/** Open dimensions keep their order. Throws a TypeError for a tensor that has not the shape to begin with. */
function shapeAfter(shape: readonly number[], { from, to }: Reshape, batches: boolean): number[] {
  const rows = batches ? shape.slice(0, 1) : [];
  const sizes = shape.slice(rows.length);
  const open = from.length === sizes.length ? sizes.filter((_, axis) => from[axis] === -1) : [];
  const after = [...rows, ...to.map((size) => (size === -1 ? (open.shift() ?? -1) : size))];
  if (elementCount(after) !== elementCount(shape))
    throw new TypeError(`a tensor of shape [${shape.join(',')}] cannot be reshaped to [${after.join(',')}]`);
  return after;
}
