import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeMemory } from './free-memory.ts';

test('memory is given back without a garbage collection', () => {
  const before = process.memoryUsage().arrayBuffers;
  for (let turn = 0; turn < 64; turn++) {
    const arrays = [new Float32Array(1 << 20).fill(1), new BigInt64Array(1 << 19).fill(1n)];
    freeMemory(arrays);
    assert.deepEqual(
      arrays.map(({ length }) => length),
      [0, 0],
    );
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 16 << 20);
});

test('arrays of the same memory, and empty ones, may come together', () => {
  const buffer = new ArrayBuffer(64);
  const halves = [new Float32Array(buffer, 0, 8), new Float32Array(buffer, 32, 8)];
  freeMemory([...halves, new Float32Array(0)]);
  freeMemory(halves);
  freeMemory([]);
  assert.equal(buffer.byteLength, 0);
});
