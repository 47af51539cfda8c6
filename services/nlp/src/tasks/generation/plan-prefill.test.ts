import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planPrefill, PrefillPace } from './plan-prefill.ts';

test('a step reads no more than its budget, and all of it while prompts remain of which a run may read more', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 10 }),
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 600 }),
      (remaining, budget, mostAtOnce) => {
        const chunks = planPrefill(remaining, { budget, mostAtOnce });
        const sum = (numbers: readonly number[]): number => numbers.reduce((before, number) => before + number, 0);
        const readable = remaining.map((tokens) => Math.min(tokens, mostAtOnce));
        assert.equal(sum(chunks), Math.min(sum(readable), budget));
        for (const [index, chunk] of chunks.entries()) assert.ok(chunk >= 0 && chunk <= (readable[index] as number));
      },
    ),
  );
});

test('a short prompt does not wait for a long one, and the oldest always goes on', () => {
  assert.deepEqual(planPrefill([1000, 20, 900], { budget: 100, mostAtOnce: 512 }), [50, 20, 30]);
  assert.deepEqual(planPrefill([1000, 20, 30, 40], { budget: 64, mostAtOnce: 512 }), [32, 20, 12, 0]);
});

test('running sequences are held up by four of their steps at most, as far as a run of 32 tokens allows', () => {
  const pace = new PrefillPace();
  assert.equal(pace.budget(true), 512);
  pace.onPrefill(100, 50);
  pace.onStep(20);
  assert.equal(pace.budget(true), 160);
  assert.equal(pace.budget(false), 512);
  for (let step = 0; step < 50; step++) pace.onStep(0.1);
  assert.equal(pace.budget(true), 32);
});
