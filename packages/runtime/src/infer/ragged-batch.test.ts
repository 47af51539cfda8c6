import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseConfigText } from '@weft/models';
import { float32Tensor } from '@weft/tensor';
import { raggedFeeds, readRaggedBatch } from './ragged-batch.ts';

function read(kind: string, { type = 'TYPE_INT32', source = 'x', rows = 'max_batch_size: 4' } = {}) {
  return readRaggedBatch(
    parseConfigText(`${rows} input { name: "x" dims: [ -1, -1 ] allow_ragged_batch: true } input { name: "z" dims: 1 }
      batch_input { kind: ${kind} target_name: "b" data_type: ${type} source_input: "${source}" }`),
  );
}

const row = (sizes: number[], count: number, first: number) => ({
  x: float32Tensor(
    [1, ...sizes],
    Float32Array.from({ length: count }, (_, index) => first + index),
  ),
  z: float32Tensor([1, 1], Float32Array.of(first)),
});
const rows = [row([2, 1], 2, 0), row([1, 3], 3, 10)];

describe('a ragged batch', () => {
  test('lies in one dimension, beside inputs that keep their rows', () => {
    const ragged = read('BATCH_ELEMENT_COUNT');
    assert.ok(ragged);
    const { x, z } = raggedFeeds(rows, ragged);
    assert.deepEqual([x?.shape, x?.elements], [[5], Float32Array.of(0, 1, 10, 11, 12)]);
    assert.deepEqual([z?.shape, z?.elements], [[2, 1], Float32Array.of(0, 10)]);
  });

  const expected: Readonly<Record<string, readonly [number[], number[]]>> = {
    BATCH_ELEMENT_COUNT: [[2], [2, 3]],
    BATCH_ACCUMULATED_ELEMENT_COUNT: [[2], [2, 5]],
    BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO: [[3], [0, 2, 5]],
    BATCH_MAX_ELEMENT_COUNT_AS_SHAPE: [[3], [0, 0, 0]],
    BATCH_ITEM_SHAPE: [
      [2, 2],
      [2, 1, 1, 3],
    ],
    BATCH_ITEM_SHAPE_FLATTEN: [[4], [2, 1, 1, 3]],
  };
  for (const [kind, [shape, values]] of Object.entries(expected)) {
    test(`has ${kind} as [${values.join()}]`, () => {
      const ragged = read(kind);
      assert.ok(ragged);
      assert.deepEqual(raggedFeeds(rows, ragged)['b'], { datatype: 'INT32', shape, elements: Int32Array.from(values) });
    });
  }

  test('cannot be made of what the configuration does not have', () => {
    assert.throws(() => read('BATCH_ELEMENT_COUNT', { source: 'w' }), /has no input 'w'/);
    assert.throws(() => read('BATCH_ELEMENT_COUNT', { type: 'TYPE_INT64' }), /TYPE_INT32 or TYPE_FP32, got TYPE_INT64/);
    assert.throws(() => read('BATCH_ELEMENT_COUNT', { rows: '' }), /needs max_batch_size/);
    assert.equal(readRaggedBatch(parseConfigText('max_batch_size: 4 input { name: "x" }')), undefined);
  });
});
