import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countFitting, defaultCacheTokens } from './cache-room.ts';

test('as many of the first as fit are let in, and no more', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }), fc.nat(300), (waiting, room) => {
      const count = countFitting(waiting, room);
      const tokensOf = (first: number): number => waiting.slice(0, first).reduce((sum, tokens) => sum + tokens, 0);
      assert.ok(tokensOf(count) <= room);
      assert.ok(count === waiting.length || tokensOf(count + 1) > room);
    }),
  );
  assert.equal(countFitting([5, 90, 1], 20), 1);
});

test('caches have an eighth of the memory, counted by the layout', () => {
  // SmolLM2-135M: 30 layers of three heads of 64 numbers, keys and values.
  const layout = Array.from({ length: 60 }, () => ({
    ...({ input: 'k', output: 'k', datatype: 'FP32', heads: 3, width: 64 } as const),
  }));
  assert.equal(defaultCacheTokens(layout, 8 * 46_080 * 1000), 1000);
  const half = layout.map((part) => ({ ...part, datatype: 'FP16' as const }));
  assert.equal(defaultCacheTokens(half, 8 * 46_080 * 1000), 2000);
  assert.equal(defaultCacheTokens(layout, 1), 1);
});
