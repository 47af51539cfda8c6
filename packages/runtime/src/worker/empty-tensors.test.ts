import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InferInterface } from '../infer/infer-interface.ts';
import { emptyTensors } from './empty-tensors.ts';

test('text to warm up with is a number too: a model that reads numbers from text does not fail on it', () => {
  const target = {
    inputs: [{ name: 'x', datatype: 'BYTES', shape: [-1, 2] }],
    maxBatchSize: 8,
    padding: { inputs: new Map() },
  } as unknown as InferInterface;
  const { elements = [] } = emptyTensors(target, 3)?.['x'] ?? {};
  const texts = Array.from(elements as readonly Uint8Array[], (element) => Buffer.from(element).toString());
  assert.deepEqual(texts, new Array(6).fill('0'));
});
