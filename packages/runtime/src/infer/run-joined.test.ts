import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float32Elements, float32Tensor, type Tensor, type TensorMap, type TensorSpec } from '@weft/tensor';
import fc from 'fast-check';
import type { InferInterface } from './infer-interface.ts';
import { readPadding } from './padding.ts';
import { type RunPiece, runJoined } from './run-joined.ts';

const free = (name: string): TensorSpec => ({
  name,
  datatype: 'FP32',
  shape: [-1, -1],
  dimensionNames: ['rows', 'length'],
});
const mean: TensorSpec = { name: 'mean', datatype: 'FP32', shape: [-1, 1], dimensionNames: ['rows', ''] };

function target(pad: Readonly<Record<string, string>>, outputs: readonly TensorSpec[]): InferInterface {
  const inputs = [free('x'), free('mask')];
  const padding = readPadding({ inputs, outputs, pad, cut: {}, batches: true });
  return { model: 'm', inputs, outputs, optional: new Map(), maxBatchSize: 64, padding, ragged: undefined };
}

/** Each row without its mean over what the mask lets through. Tells the shapes of what it was fed. */
function centring() {
  const fed: string[] = [];
  async function run({ x, mask }: TensorMap): Promise<TensorMap> {
    const [rows = 0, length = 0] = (x as Tensor).shape;
    fed.push(`${rows}×${length}`);
    const [values, weights] = [float32Elements(x as Tensor), float32Elements(mask as Tensor)];
    const [centred, means] = [new Float32Array(rows * length), new Float32Array(rows)];
    for (let row = 0; row < rows; row++) {
      let [sum, count] = [0, 0];
      for (let at = row * length; at < (row + 1) * length; at++) {
        sum += (values[at] as number) * (weights[at] as number);
        count += weights[at] as number;
      }
      means[row] = sum / count;
      for (let at = row * length; at < (row + 1) * length; at++) centred[at] = (values[at] as number) - sum / count;
    }
    return { centred: float32Tensor([rows, length], centred), mean: float32Tensor([rows, 1], means) };
  }
  return { fed, run };
}

function request(rows: number, length: number, seed: number): TensorMap {
  const values = Float32Array.from({ length: rows * length }, (_, index) => ((seed + index) * 7) % 13);
  return {
    x: float32Tensor([rows, length], values),
    mask: float32Tensor([rows, length], new Float32Array(rows * length).fill(1)),
  };
}

const whole = (inputs: TensorMap): RunPiece => ({ inputs, from: 0, rows: (inputs['x'] as Tensor).shape[0] as number });
const outputNames = undefined;

test('requests of different lengths run once, and each gets what it gets alone, in its own length', async () => {
  const shape = fc.record({ rows: fc.integer({ min: 1, max: 3 }), length: fc.integer({ min: 1, max: 6 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(shape, { minLength: 1, maxLength: 5 }), async (shapes) => {
      const padding = target({ x: '99', mask: '0' }, [free('centred'), mean]);
      const requests = shapes.map(({ rows, length }, index) => request(rows, length, index));
      const { fed, run } = centring();
      const together = await runJoined(requests.map(whole), { target: padding, tensors: { run }, outputNames });
      assert.equal(fed.length, 1);
      for (const [index, inputs] of requests.entries()) assert.deepEqual(together[index], await run(inputs));
    }),
  );
});

test('the pieces of one request, one behind the other, are its answer', async () => {
  const inputs = request(7, 3, 1);
  const { run } = centring();
  const plain = target({}, [free('centred'), mean]);
  const parts = [];
  for (const [from, rows] of [
    [0, 4],
    [4, 3],
  ] as const) {
    const [outputs] = await runJoined([{ inputs, from, rows }], { target: plain, tensors: { run }, outputNames });
    parts.push(...float32Elements(outputs?.['centred'] as Tensor));
  }
  assert.deepEqual(parts, [...float32Elements((await run(inputs))['centred'] as Tensor)]);
});

test('only what differs is padded', async () => {
  const { fed, run } = centring();
  const joined = { target: target({ x: '0', mask: '0' }, [free('centred'), mean]), tensors: { run }, outputNames };
  await runJoined([whole(request(1, 5, 1)), whole(request(2, 5, 2))], joined);
  await runJoined([whole(request(1, 5, 1)), whole(request(2, 4, 2))], joined);
  assert.deepEqual(fed, ['3×5', '3×5']);
});

test('an output that has not a row for each row fails with a hint', async () => {
  const run = async (): Promise<TensorMap> => ({ y: float32Tensor([1], Float32Array.of(1)) });
  const joined = { target: target({}, []), tensors: { run }, outputNames };
  await assert.rejects(runJoined([whole(request(1, 2, 1)), whole(request(1, 2, 2))], joined), {
    code: 'INTERNAL',
    message: "model 'm' gave output 'y' 1 rows for 2: its max_batch_size should be 0",
  });
});

test('an output that is not as long as the input it follows fails with a hint, instead of being cut somewhere', async () => {
  const run = async ({ x }: TensorMap): Promise<TensorMap> => {
    const rows = (x as Tensor).shape[0] as number;
    return { centred: float32Tensor([rows, 9], new Float32Array(rows * 9)) };
  };
  const joined = { target: target({ x: '0', mask: '0' }, [free('centred')]), tensors: { run }, outputNames };
  await assert.rejects(runJoined([whole(request(1, 3, 1)), whole(request(1, 4, 2))], joined), {
    code: 'INTERNAL',
    message:
      "model 'm' gave output 'centred' the size 9 in dimension 1, where 'x' has 4: weft.cut.centred should say what it follows",
  });
});
