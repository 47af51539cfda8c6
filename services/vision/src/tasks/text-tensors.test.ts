import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringElements, stringTensor, type Tensor } from '@weft/tensor';
import type { ReadLine } from './page-reader.ts';
import { textTensors } from './text-tensors.ts';

const corner = (x: number, y: number) => ({ x, y });
const line: ReadLine = { text: 'žluť', score: 0.5, polygon: [corner(1, 2), corner(3, 4), corner(5, 6), corner(7, 8)] };
const tensors = textTensors(async (bytes) => (bytes.length === 0 ? [] : [line, { ...line, text: 'b' }]));
const feeds = { image: stringTensor([1], ['file']) };

test('lines become one element each of text, score and polygon', async () => {
  const { text, score, polygon } = (await tensors.run(feeds)) as Record<'text' | 'score' | 'polygon', Tensor>;
  assert.deepEqual(text.shape, [2]);
  assert.deepEqual(stringElements(text), ['žluť', 'b']);
  assert.deepEqual(score, { datatype: 'FP32', shape: [2], elements: Float32Array.of(0.5, 0.5) });
  assert.deepEqual(polygon.shape, [2, 4, 2]);
  assert.deepEqual(polygon.elements, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8));
});

test('an image without text has outputs without elements', async () => {
  const { polygon } = (await tensors.run({ image: stringTensor([1], ['']) })) as Record<'polygon', Tensor>;
  assert.deepEqual(polygon.shape, [0, 4, 2]);
});

test('only the outputs asked for come back, and unknown ones and several images are refused', async () => {
  assert.deepEqual(Object.keys(await tensors.run(feeds, ['score'])), ['score']);
  await assert.rejects(tensors.run(feeds, ['scores']), { code: 'INVALID_ARGUMENT', message: /'scores'/ });
  await assert.rejects(tensors.run({ image: stringTensor([2], ['a', 'b']) }), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(tensors.run({}), { code: 'INVALID_ARGUMENT' });
});
