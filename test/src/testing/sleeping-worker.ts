// Entry of an instance's worker whose models sleep: see sleeping-model.ts. It blocks its thread meanwhile, as runtimes do.
//
// A replica may be told, at any time, to be slower by a factor, which is read before each batch. Infinity has it never
// return.
import { readFileSync } from 'node:fs';
import { type Backend, serveInstance, type TaskFactory } from '@weft/runtime';
import { float32Tensor, type Tensor, type TensorMap } from '@weft/tensor';
import { factorVariable, hang, poison } from './sleeping-values.ts';

const clock = new Int32Array(new SharedArrayBuffer(4));
const factorFile = process.env[factorVariable];

function sleep(ms: number): void {
  const factor = factorFile === undefined ? 1 : Number(readFileSync(factorFile, 'utf8'));
  Atomics.wait(clock, 0, 0, ms * factor);
}

/** In the place of onnxruntime: it takes any file for its model. */
const backend: Backend = {
  name: 'sleep',
  load: async () => ({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
    outputs: [
      { name: 'y', datatype: 'FP32', shape: [-1, 1] },
      { name: 'pid', datatype: 'INT32', shape: [-1, 1] },
    ],
    placement: { provider: 'sleep', fallbackReason: '' },
    run: async () => ({}),
    unload: async () => {},
  }),
};

const task: TaskFactory = async (context) => {
  const model = await context.openModel();
  const [startMs, rowMs] = ['start_ms', 'row_ms'].map((name) => Number(context.parameter(name))) as [number, number];
  const run = async ({ x = float32Tensor([0, 1], new Float32Array(0)) }: TensorMap): Promise<TensorMap> => {
    const values = x.elements as Float32Array;
    const rows = values.length;
    if (values.includes(hang)) sleep(Number.POSITIVE_INFINITY);
    // In the middle of the batch, as a native library would.
    if (values.includes(poison)) {
      sleep((startMs + rowMs * rows) / 2);
      process.kill(process.pid, 'SIGKILL');
    }
    sleep(startMs + rowMs * rows);
    const pid: Tensor = { datatype: 'INT32', shape: [rows, 1], elements: new Int32Array(rows).fill(process.pid) };
    return { y: x, pid };
  };
  return {
    methods: [],
    tensors: { inputs: model.inputs, outputs: model.outputs, run },
    async warmup(rows) {
      await run({ x: float32Tensor([rows, 1], new Float32Array(rows)) });
    },
  };
};

serveInstance({ tasks: { sleep: task }, backends: { onnxruntime: async () => backend } });
