import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from './create-random.ts';

function drawn(seed: number, count: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, random);
}

test('a seed gives the same numbers, another seed others, beyond 32 bits too', () => {
  assert.deepEqual(drawn(7, 5), drawn(7, 5));
  const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 48, Number.MAX_SAFE_INTEGER].map((seed) => drawn(seed, 1)[0]);
  assert.equal(new Set(firsts).size, firsts.length);
});

test('the numbers lie evenly in [0, 1)', () => {
  const counts = new Array<number>(10).fill(0);
  for (const number of drawn(1, 100_000)) counts[Math.floor(number * 10)] = (counts[Math.floor(number * 10)] ?? 0) + 1;
  assert.equal(counts.length, 10);
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, `${count}`);
});

test('the numbers of a seed stay what they are', () => {
  assert.deepEqual(drawn(42, 3), [0.15377165307290852, 0.8504893006756902, 0.018084544222801924]);
});
