import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { blankImage, encodeImage, pasteImage, type Rgb, type RgbImage } from '@weft/image';
import { type BackendModel, type Label, type Task, unmeasured } from '@weft/runtime';
import { float32Elements, float32Tensor, type Tensor, type TensorSpec } from '@weft/tensor';
import { fitGlyph } from './fit-glyph.ts';
import { glyphClassification } from './glyph-classification.ts';

const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];

/** A bar as a pen draws a 1. */
function bar(paper: Rgb, ink: Rgb, { side, x, y }: { side: number; x: number; y: number }): RgbImage {
  const image = blankImage(side, side, paper);
  pasteImage(image, blankImage(Math.round(side / 10), side / 2, ink), { x, y });
  return image;
}

/** Left, top, right, bottom of what has ink, exclusive. */
function boxOf(square: Float32Array | undefined): number[] {
  const marked = [...(square ?? [])].flatMap((ink, at) => (ink > 0.5 ? [at] : []));
  const [columns, rows] = [marked.map((at) => at % 28), marked.map((at) => Math.floor(at / 28))];
  return [Math.min(...columns), Math.min(...rows), Math.max(...columns) + 1, Math.max(...rows) + 1];
}

test('a character comes to the middle, at one size, wherever it stands and whatever the paper', async () => {
  for (const [paper, ink] of [
    [white, black],
    [black, white],
    [[200, 190, 170] as Rgb, [20, 20, 90] as Rgb],
  ] as const) {
    for (const place of [
      { side: 40, x: 2, y: 3 },
      { side: 200, x: 150, y: 90 },
      { side: 2000, x: 100, y: 900 },
    ]) {
      const [left, top, right, bottom] = boxOf(await fitGlyph(bar(paper, ink, place), 28)) as [
        number,
        number,
        number,
        number,
      ];
      assert.deepEqual([right - left, bottom - top], [4, 20]);
      // Its middle lies between two pixels.
      assert.ok(left === 12 || left === 13, `${left}`);
      assert.ok(top === 4 || top === 5, `${top}`);
    }
  }
});

test('an image of the network’s own size is taken as it is, but for the paper', async () => {
  const drawn = bar(black, [128, 128, 128], { side: 28, x: 3, y: 5 });
  pasteImage(drawn, blankImage(2, 2, white), { x: 20, y: 20 });
  const square = await fitGlyph(drawn, 28);
  assert.deepEqual(
    [...(square ?? [])].map((ink) => Math.round(ink * 255)),
    [...drawn.pixels].filter((_, at) => at % 3 === 0),
  );
  const inverted = { ...drawn, pixels: drawn.pixels.map((value) => 255 - value) };
  assert.deepEqual(await fitGlyph(inverted, 28), square);
});

test('paper without ink is no character', async () => {
  assert.equal(await fitGlyph(blankImage(50, 50, [200, 200, 200]), 28), undefined);
  assert.equal(await fitGlyph(blankImage(28, 28, [200, 200, 200]), 28), undefined);
});

const folder = mkdtempSync(join(tmpdir(), 'weft-labels-'));
after(() => rmSync(folder, { recursive: true }));
const labelsFile = join(folder, 'labels.txt');
writeFileSync(labelsFile, 'upright\nlying\n');

/** Tells an upright bar from one that lies: by the ink in the middle column and in the middle row. */
function telling(inputs: readonly TensorSpec[] = [{ name: 'image', datatype: 'FP32', shape: [-1, 1, 28, 28] }]) {
  const runs: number[] = [];
  const model: BackendModel = {
    inputs,
    outputs: [{ name: 'logits', datatype: 'FP32', shape: [-1, 2] }],
    placement: { provider: 'cpu', fallbackReason: '' },
    async run({ image }) {
      const rows = (image as Tensor).shape[0] as number;
      runs.push(rows);
      const ink = float32Elements(image as Tensor);
      const logits = Array.from({ length: rows }, (_, row) => {
        const at = (x: number, y: number): number => ink[row * 784 + y * 28 + x] as number;
        const line = Array.from({ length: 28 }, (_, index) => index);
        return [line.reduce((sum, y) => sum + at(14, y), 0), line.reduce((sum, x) => sum + at(x, 14), 0)];
      });
      return { logits: float32Tensor([rows, 2], Float32Array.from(logits.flat())) };
    },
    async unload() {},
  };
  return { model, runs };
}

function open(model: BackendModel): Promise<Task> {
  return glyphClassification({
    modelName: 'm',
    modelVersion: '1',
    parameter: () => undefined,
    maxRows: () => 8,
    openModel: async () => model,
    file: () => labelsFile,
    limits: { maxImagePixels: 10_000, maxTextBytes: 1, maxTexts: 1 },
    metrics: unmeasured,
  });
}

test('images of a batch share a run, and an empty one fails alone', async () => {
  const { model, runs } = telling();
  const task = await open(model);
  const upright = bar(white, black, { side: 80, x: 9, y: 9 });
  const lying = blankImage(80, 80, white);
  pasteImage(lying, blankImage(40, 8, black), { x: 30, y: 60 });
  const images = await Promise.all(
    [upright, blankImage(30, 30, white), lying].map((image) => encodeImage(image, 'IMAGE_FORMAT_PNG')),
  );
  const contexts = images.map(() => ({ throwIfGone() {} }));
  const requests = images.map((image) => ({ image, topK: 1 }));
  const [first, second, third] = (await task.methods[0]?.infer(requests, contexts)) ?? [];
  assert.equal((first as { labels: Label[] }).labels[0]?.name, 'upright');
  assert.equal((third as { labels: Label[] }).labels[0]?.name, 'lying');
  assert.ok(second instanceof WeftError);
  assert.equal(second.message, 'image: nothing is drawn on it');
  assert.deepEqual(runs, [2]);
  await task.warmup(3);
  assert.deepEqual(runs, [2, 3]);
});

test('a model that takes anything else is refused when it is loaded', async () => {
  for (const shape of [
    [-1, 3, 28, 28],
    [-1, 1, 28, 20],
    [-1, 1, -1, -1],
    [-1, 784],
  ]) {
    await assert.rejects(open(telling([{ name: 'image', datatype: 'FP32', shape }]).model), {
      code: 'INVALID_ARGUMENT',
      message: /^the model should take one tensor/,
    });
  }
});
