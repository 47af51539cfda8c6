// Entry of an instance's worker: a model of 80 + 2.5·b ms for b rows that gives back what it gets. It sleeps and never
// spins, so that a few cores hold many replicas and what is left to measure is where requests wait.
import { setTimeout } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { type Backend, serveInstance, type TaskFactory } from '@weft/runtime';
import { float32Tensor, type TensorMap } from '@weft/tensor';
import { batchChannel, type SleptBatch } from '../goodput/slept-batch.ts';
import { heavyWorkload, serviceMs } from '../sim/workload.ts';

const channel = new BroadcastChannel(batchChannel);
channel.unref();

const spec = (name: string) => ({ name, datatype: 'FP32', shape: [-1, 4] }) as const;

async function run({ x = float32Tensor([0, 4], new Float32Array(0)) }: TensorMap): Promise<TensorMap> {
  const rows = x.shape[0] ?? 0;
  const startMs = performance.now();
  await setTimeout(serviceMs(heavyWorkload, rows));
  channel.postMessage({ rows, ms: performance.now() - startMs } satisfies SleptBatch);
  return { y: x };
}

/** In the place of onnxruntime: it takes any file for its model. */
const backend: Backend = {
  name: 'sleep',
  load: async () => ({
    inputs: [spec('x')],
    outputs: [spec('y')],
    placement: { provider: 'sleep', fallbackReason: '' },
    run,
    unload: async () => {},
  }),
};

/** Its warm-up gives the latency profile as many sizes to start from as it asks for. */
const sleep: TaskFactory = async (context) => {
  const model = await context.openModel();
  return {
    methods: [],
    tensors: model,
    async warmup(rows) {
      await model.run({ x: float32Tensor([rows, 4], new Float32Array(rows * 4)) });
    },
  };
};

serveInstance({ tasks: { sleep }, backends: { onnxruntime: async () => backend } });
