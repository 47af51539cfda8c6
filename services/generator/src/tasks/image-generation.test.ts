import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { invalidArgument } from '@weft/errors';
import type { GenerateResponse } from '@weft/rpc/messages/weft/generator/v1/GenerateResponse';
import { type BackendModel, type Task, unmeasured } from '@weft/runtime';
import { float32Elements, float32Tensor, type Tensor, type TensorSpec } from '@weft/tensor';
import { seededNoise } from '../noise/seeded-noise.ts';
import { askStream, streamContext } from '../testing/ask-stream.ts';
import { imageGeneration } from './image-generation.ts';

const folder = mkdtempSync(join(tmpdir(), 'weft-labels-'));
after(() => rmSync(folder, { recursive: true }));
const labelsFile = join(folder, 'labels.txt');
writeFileSync(labelsFile, 'cat\ndog\ngrey seal\n');

const z: TensorSpec = { name: 'z', datatype: 'FP32', shape: [-1, 4] };
const label: TensorSpec = { name: 'label', datatype: 'INT64', shape: [-1] };
const image: TensorSpec = { name: 'image', datatype: 'FP32', shape: [-1, 1, 1, 3] };

/** Images of three pixels: a tenth of the label, and the first two noises squeezed between 0 and 1. */
function drawing(inputs: readonly TensorSpec[] = [z, label], outputs: readonly TensorSpec[] = [image]) {
  const runs: number[] = [];
  const model: BackendModel = {
    inputs,
    outputs,
    placement: { provider: 'cpu', fallbackReason: '' },
    async run({ z: noise, label: labels }) {
      const values = float32Elements(noise as Tensor);
      const rows = (noise as Tensor).shape[0] as number;
      runs.push(rows);
      const pixels = Array.from({ length: rows }, (_, row) => [
        Number(labels?.elements[row] ?? 0) / 10,
        squeezed(values[row * 4] as number),
        squeezed(values[row * 4 + 1] as number),
      ]);
      return { image: float32Tensor([rows, 1, 1, 3], Float32Array.from(pixels.flat())) };
    },
    async unload() {},
  };
  return { model, runs };
}

function squeezed(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function open(model: BackendModel, parameters: Readonly<Record<string, string>> = {}): Promise<Task> {
  return imageGeneration({
    modelName: 'm',
    modelVersion: '1',
    parameter: (name) => parameters[name],
    maxRows: () => 4,
    openModel: async () => model,
    file: () => labelsFile,
    limits: { maxImagePixels: 1, maxTextBytes: 1, maxTexts: 1 },
    metrics: unmeasured,
  });
}

const nothingSaid = {
  count: 0,
  label: '',
  truncation: 0,
  steps: 0,
  seedFrom: 0,
  seedTo: 0,
  format: 'IMAGE_FORMAT_RAW',
};

async function ask(task: Task, name: string, request: object): Promise<GenerateResponse[]> {
  const responses: GenerateResponse[] = [];
  const asked = { request: { ...nothingSaid, ...request } };
  for await (const response of askStream<GenerateResponse>(task, name, asked)) responses.push(response);
  return responses;
}

function shades({ image: made }: GenerateResponse): number[] {
  const pixels = [...(made as { raw: { pixels: Uint8Array } }).raw.pixels];
  return pixels.filter((_, at) => at % 3 === 0);
}

test('each image says which one it is, what it shows, how to make it again and how far the stream is', async () => {
  const task = await open(drawing().model);
  const responses = await ask(task, 'Generate', { count: 6, seed: 40, label: 'dog' });
  assert.deepEqual(
    responses.map(({ index, seed, label: shown, progress }) => [index, seed, shown, progress]),
    [0, 1, 2, 3, 4, 5].map((index) => [index, 40 + index, 'dog', (index + 1) / 6]),
  );
  const noise = seededNoise(42, { length: 4, labels: 3, truncation: 0 }).noise;
  assert.deepEqual(
    shades(responses[2] as GenerateResponse),
    [0.1, squeezed(noise[0] as number), squeezed(noise[1] as number)].map((value) => Math.round(value * 255)),
  );
});

test('a seed makes the same image whatever is made beside it', async () => {
  const task = await open(drawing().model);
  const together = await ask(task, 'Generate', { count: 10, seed: 5 });
  const alone = await Promise.all(together.map(({ seed }) => ask(task, 'Generate', { seed })));
  assert.deepEqual(
    alone.map(([one]) => [one?.label, ...shades(one as GenerateResponse)]),
    together.map((one) => [one.label, ...shades(one)]),
  );
});

test('without a seed every call differs, and tells the seed that it took', async () => {
  const task = await open(drawing().model);
  const [first, second] = [await ask(task, 'Generate', {}), await ask(task, 'Generate', {})];
  assert.notEqual(first[0]?.seed, second[0]?.seed);
  assert.deepEqual(await ask(task, 'Generate', { seed: first[0]?.seed }), first);
});

test('images of several streams share runs, and none waits for another one to end', async () => {
  const { model, runs } = drawing();
  const task = await open(model);
  const ended: string[] = [];
  await Promise.all([
    ask(task, 'Generate', { count: 12, seed: 1 }).then(() => ended.push('twelve')),
    ask(task, 'Generate', { count: 2, seed: 1 }).then(() => ended.push('two')),
    ask(task, 'Interpolate', { steps: 2 }).then(() => ended.push('walk')),
  ]);
  assert.ok(runs.length <= 6, `${runs.join(' ')}`);
  assert.equal(
    runs.reduce((sum, rows) => sum + rows, 0),
    16,
  );
  assert.equal(ended.at(-1), 'twelve');
});

test('a walk goes from one seed to the other, with one label', async () => {
  const task = await open(drawing().model);
  const walk = await ask(task, 'Interpolate', { seedFrom: 3, seedTo: 9, steps: 5, label: 'grey seal' });
  const ends = await Promise.all([3, 9].map((seed) => ask(task, 'Generate', { seed, label: 'grey seal' })));
  assert.deepEqual(
    [walk[0], walk[4]].map((one) => shades(one as GenerateResponse)),
    ends.map(([one]) => shades(one as GenerateResponse)),
  );
  assert.deepEqual(
    walk.map(({ seed }) => seed),
    [3, 0, 0, 0, 9],
  );
  assert.deepEqual(new Set(walk.map(({ label: shown }) => shown)), new Set(['grey seal']));
  assert.equal((await ask(task, 'Interpolate', { seedFrom: 3, seedTo: 9 })).length, 10);
});

test('a model may draw with dark on light', async () => {
  const [light, dark] = [await open(drawing().model), await open(drawing().model, { black: '1', white: '0' })];
  const [one, other] = [await ask(light, 'Generate', { seed: 1 }), await ask(dark, 'Generate', { seed: 1 })];
  const sums = shades(one[0] as GenerateResponse).map(
    (shade, at) => shade + (shades(other[0] as GenerateResponse)[at] as number),
  );
  assert.ok(sums.every((sum) => Math.abs(sum - 255) <= 1));
});

test('requests that ask for what there is not are refused by field', async () => {
  const task = await open(drawing().model);
  for (const [name, request, message] of [
    ['Generate', { label: 'cow' }, "label: 'cow' is none of cat, dog, grey seal"],
    ['Generate', { count: 10_001 }, 'count: 10001 images, over the limit of 10000'],
    ['Generate', { truncation: -1 }, 'truncation: expected a number from 0 on, got -1'],
    ['Generate', { truncation: Number.NaN }, 'truncation: expected a number from 0 on, got NaN'],
    ['Generate', { seed: 2 ** 53 }, 'seed: over the limit of 9007199254740991'],
    ['Generate', { format: 9 }, 'format: unknown image format 9'],
    ['Interpolate', { steps: 1 }, 'steps: expected 2 to 10000, got 1'],
    ['Interpolate', { seedTo: 2 ** 60 }, 'seed_to: over the limit of 9007199254740991'],
  ] as const) {
    await assert.rejects(ask(task, name, request), { code: 'INVALID_ARGUMENT', message });
  }
});

test('a model without labels takes none', async () => {
  const task = await open(drawing([z]).model);
  const [one] = await ask(task, 'Generate', { seed: 1 });
  assert.equal(one?.label, '');
  await assert.rejects(ask(task, 'Generate', { label: 'cat' }), { message: 'label: the model has no labels' });
});

test('a model that is no generator of images is refused when it is loaded', async () => {
  for (const { model } of [
    drawing([]),
    drawing([label]),
    drawing([z, label, { ...label, name: 'more' }]),
    drawing([{ ...z, shape: [-1, -1] }]),
    drawing([z], [{ ...image, datatype: 'INT64' }]),
    drawing([z], [{ ...image, shape: [-1, 2, 28, 28] }]),
    drawing([z], []),
  ])
    await assert.rejects(open(model), { code: 'INVALID_ARGUMENT', message: /^the model should/ });
  await assert.rejects(open(drawing().model, { black: '1' }), { message: 'weft.black and weft.white are both 1' });
});

test('a stream that nobody reads any more costs no further run', async () => {
  const { model, runs } = drawing();
  const task = await open(model);
  const leaving = new AbortController();
  const request = { ...nothingSaid, count: 100, seed: 1 };
  const images = askStream<GenerateResponse>(task, 'Generate', { request, context: streamContext(leaving.signal) });
  await assert.rejects(
    async () => {
      for await (const { index } of images) if (index === 3) leaving.abort(invalidArgument('the client has gone'));
    },
    { message: 'the client has gone' },
  );
  assert.deepEqual(runs, [4]);
});

test('the warm-up runs as many images as a batch has', async () => {
  const { model, runs } = drawing();
  await (await open(model)).warmup(4);
  assert.deepEqual(runs, [4]);
});
