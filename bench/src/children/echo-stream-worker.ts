// Entry of an instance's worker that answers each frame of a stream at once, with a result of about its size.
import { type Backend, serveInstance, type TaskFactory } from '@weft/runtime';
import { answerText } from '../streams/stream-payload.ts';

const backend: Backend = {
  name: 'echo',
  load: async () => ({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 4] }],
    placement: { provider: 'echo', fallbackReason: '' },
    run: async ({ x }) => ({ y: x as never }),
    unload: async () => {},
  }),
};

async function* infer(requests: AsyncIterable<unknown>): AsyncGenerator<object> {
  for await (const request of requests) yield { frameId: (request as { frameId: number }).frameId, error: answerText };
}

const task: TaskFactory = async (context) => ({
  methods: [],
  streams: [{ path: '/weft.vision.v1.VisionService/AnalyzeVideo', slots: 64, infer }],
  tensors: await context.openModel(),
  warmup: async () => {},
});

serveInstance({ tasks: { echo: task }, backends: { onnxruntime: async () => backend } });
