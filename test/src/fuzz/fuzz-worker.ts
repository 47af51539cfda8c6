// Entry of a worker with real models of onnxruntime and Triton's `repeat`, and a task that answers typed calls about texts cheaply.
import { repeatBackend } from '@weft/backend-example';
import { onnxBackend } from '@weft/backend-onnx';
import { invalidArgument } from '@weft/errors';
import { type Backend, itemwise, serveInstance, type TaskFactory } from '@weft/runtime';
import type { Tensor, TensorMap } from '@weft/tensor';

interface TextsRequest {
  readonly texts: readonly string[];
}

const lengths: TaskFactory = async (context) => {
  const model = await context.openModel();
  const texts = ({ texts: given }: TextsRequest): readonly string[] => {
    if (given.length === 0) throw invalidArgument('texts: must hold at least one text');
    return given;
  };
  return {
    tensors: model,
    methods: [
      itemwise<TextsRequest, object>('/weft.nlp.v1.NlpService/Embed', async (request) => ({
        embeddings: texts(request).map(({ length }) => ({ values: [length] })),
      })),
      itemwise<TextsRequest, object>('/weft.nlp.v1.NlpService/Tokenize', async (request) => ({
        results: texts(request).map(({ length }) => ({ ids: [length] })),
      })),
    ],
    warmup: async () => {},
  };
};

/** Delays as they are asked for, but short: a mutation could keep the instance for weeks, as it may with Triton. */
const hasty: Backend = {
  name: 'repeat',
  async load(path, options) {
    const model = await repeatBackend.load(path, options);
    const { inputs, outputs, placement, streamSlots = 1 } = model;
    return {
      ...{ inputs, outputs, placement, streamSlots },
      run: (feeds, names) => model.run(feeds, names),
      stream: (feeds, context) => model.stream?.(shortened(feeds), context) ?? none(),
      unload: () => model.unload(),
    };
  },
};

function shortened(feeds: TensorMap): TensorMap {
  const short = ({ datatype, shape, elements }: Tensor): Tensor => ({
    ...{ datatype, shape },
    elements: datatype === 'UINT32' ? (elements as Uint32Array).map((ms) => Math.min(ms, 20)) : elements,
  });
  return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, short(tensor)]));
}

async function* none(): AsyncGenerator<TensorMap> {}

serveInstance({
  tasks: { lengths },
  backends: { onnxruntime: async () => onnxBackend, repeat: async () => hasty },
});
