// Entry of a worker with vision's own object detection, and in the place of the network one that finds what is bright in an image:
// the task is the real one, and how long a look takes is up to the test. A look sleeps `weft.start_ms` and `weft.row_ms` for each
// frame, and blocks its thread meanwhile, as runtimes do. Each is reported on a broadcast channel.
import { BroadcastChannel } from 'node:worker_threads';
import { type Backend, serveInstance, type TaskFactory } from '@weft/runtime';
import { float32Tensor, type TensorMap } from '@weft/tensor';
import { epochMs } from '@weft/telemetry/epoch-ms';
import { tasks } from '@weft/vision/tasks';
import { type VideoLook, videoLooks } from './video-model.ts';

const clock = new Int32Array(new SharedArrayBuffer(4));
const looks = new BroadcastChannel(videoLooks);
looks.unref();
const side = 64;
let model = '';
let sleep = { startMs: 0, rowMs: 0 };

const backend: Backend = {
  name: 'bright',
  load: async () => ({
    inputs: [{ name: 'tower_0/images', datatype: 'FP32', shape: [-1, side, side, 3] }],
    outputs: [{ name: 'tower_0/detections', datatype: 'FP32', shape: [-1, 1, 6] }],
    placement: { provider: 'bright', fallbackReason: '' },
    async run(feeds: TensorMap) {
      const pixels = feeds['tower_0/images']?.elements as Float32Array;
      const rows = pixels.length / (side * side * 3);
      const beganMs = performance.now();
      const sleepMs = sleep.startMs + sleep.rowMs * rows;
      Atomics.wait(clock, 0, 0, sleepMs);
      const lateMs = performance.now() - beganMs - sleepMs;
      looks.postMessage({ model, rows, lateMs, atMs: epochMs() } satisfies VideoLook);
      const found = Array.from({ length: rows }, (_, row) =>
        brightPart(pixels.subarray(row * side * side * 3, (row + 1) * side * side * 3)),
      );
      return { 'tower_0/detections': float32Tensor([rows, 1, 6], Float32Array.from(found.flat())) };
    },
    unload: async () => {},
  }),
};

/** A row of CenterNet's: x1, y1, x2, y2, score, class. */
function brightPart(pixels: Float32Array): number[] {
  let [left, top, right, bottom] = [side, side, 0, 0];
  for (let at = 0; at < side * side; at++) {
    if ((pixels[at * 3] as number) < 128) continue;
    const [x, y] = [at % side, Math.floor(at / side)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  return [left, top, right, bottom, right > left ? 0.9 : 0, 0];
}

const task: TaskFactory = (context) => {
  const [startMs, rowMs] = ['start_ms', 'row_ms'].map((name) => Number(context.parameter(name))) as [number, number];
  sleep = { startMs, rowMs };
  model = context.modelName;
  return (tasks['object-detection'] as TaskFactory)(context);
};

serveInstance({ tasks: { bright: task }, backends: { onnxruntime: async () => backend } });
