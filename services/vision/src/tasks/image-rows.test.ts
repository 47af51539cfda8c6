import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackendModel } from '@weft/runtime';
import { float32Elements, float32Tensor, type Tensor } from '@weft/tensor';
import { imageRows } from './image-rows.ts';

/** Gives the mean and the doubles of each image of two numbers; `images` is the first dimension in its file. */
function halving(images: number): { model: BackendModel; runs: number[] } {
  const runs: number[] = [];
  const model: BackendModel = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [images, 2] }],
    outputs: [],
    placement: { provider: 'cpu', fallbackReason: '' },
    async run({ x }, names) {
      const [rows = 0] = (x as Tensor).shape;
      runs.push(rows);
      const values = float32Elements(x as Tensor);
      const means = Float32Array.from({ length: rows }, (_, row) => {
        return ((values[row * 2] as number) + (values[row * 2 + 1] as number)) / 2;
      });
      const all = {
        mean: float32Tensor([rows, 1], means),
        double: float32Tensor(
          [rows, 2],
          values.map((v) => v * 2),
        ),
      };
      return names === undefined ? all : { mean: all.mean };
    },
    async unload() {},
  };
  return { model, runs };
}

type Pair = readonly [number, number];
const pairs: readonly Pair[] = [
  [1, 3],
  [2, 6],
  [3, 9],
];
const feed = (rows: readonly Pair[]) => float32Tensor([rows.length, 2], Float32Array.from(rows.flat()));

async function inferAll(images: number, outputs?: readonly string[]) {
  const { model, runs } = halving(images);
  const rows = imageRows<Pair>({ model, input: 'x', maxRows: 2, feed, ...(outputs && { outputs }) });
  const found = [];
  for (const run of rows.plan(pairs)) found.push(...(await rows.infer(run.map((index) => pairs[index] as Pair))));
  return { found, runs };
}

test('images share runs where the file leaves their number open, and run alone where it says one', async () => {
  const [open, fixed] = [await inferAll(-1), await inferAll(1)];
  assert.deepEqual(
    [open.runs, fixed.runs],
    [
      [2, 1],
      [1, 1, 1],
    ],
  );
  assert.deepEqual(open.found, fixed.found);
  assert.deepEqual(
    open.found.map(({ mean, double }) => [mean?.shape, [...float32Elements(double as Tensor)]]),
    [
      [
        [1, 1],
        [2, 6],
      ],
      [
        [1, 1],
        [4, 12],
      ],
      [
        [1, 1],
        [6, 18],
      ],
    ],
  );
});

test('only the outputs that are wanted are asked for', async () => {
  const { found } = await inferAll(-1, ['mean']);
  assert.deepEqual(
    found.map((outputs) => Object.keys(outputs)),
    [['mean'], ['mean'], ['mean']],
  );
});

test('an output that is not one of each image is no answer', async () => {
  const { model } = halving(-1);
  const wrong = { ...model, run: async () => ({ mean: float32Tensor([1, 1], Float32Array.of(1)) }) };
  const rows = imageRows<Pair>({ model: wrong, input: 'x', maxRows: 2, feed });
  await assert.rejects(rows.infer(pairs.slice(0, 2)), /output 'mean' has 1 rows for 2 images/);
});
