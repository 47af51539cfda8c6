import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseToken } from './choose-token.ts';

const someScores = fc
  .array(fc.float({ min: -40, max: 40, noNaN: true }), { minLength: 1, maxLength: 60 })
  .map((scores) => Float32Array.from(scores));
const draw = fc.double({ min: 0, max: 0.999999, noNaN: true });

/** By sorting everything: the token whose part of the nucleus, in the order of the tokens, holds the draw. */
function chosenBySorting(scores: Float32Array, temperature: number, topP: number): Set<number> {
  const most = Math.max(...scores);
  const weights = [...scores].map((score) => Math.exp((score - most) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const order = [...weights.keys()].sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  const nucleus = new Set<number>();
  let share = 0;
  for (const token of order) {
    if (nucleus.size > 0 && share >= topP * total * (1 + 1e-12)) break;
    nucleus.add(token);
    share += weights[token] as number;
  }
  return nucleus;
}

test('without temperature the greatest score wins, the first of equals, and nothing is drawn', () => {
  const never = (): number => assert.fail('drew');
  assert.equal(chooseToken(Float32Array.of(1, 3, -2, 3), { temperature: 0, topP: 0.5 }, never), 1);
});

test('what is drawn is in the nucleus that sorting gives', () => {
  fc.assert(
    fc.property(
      someScores,
      fc.constantFrom(0.1, 0.7, 1, 5),
      fc.constantFrom(0.01, 0.5, 0.9, 1),
      draw,
      (scores, t, ...[p, at]) => {
        const token = chooseToken(scores, { temperature: t, topP: p }, () => at);
        assert.ok(chosenBySorting(scores, t, p).has(token), `${token}`);
      },
    ),
  );
});

test('tokens come as often as their weights say', () => {
  const scores = Float32Array.from([1, 2, 4, 8, 1], Math.log);
  const counts = [0, 0, 0, 0, 0];
  const draws = 16_000;
  for (let index = 0; index < draws; index++) {
    const token = chooseToken(scores, { temperature: 1, topP: 1 }, () => (index + 0.5) / draws);
    counts[token] = (counts[token] as number) + 1;
  }
  assert.deepEqual(counts, [1000, 2000, 4000, 8000, 1000]);
});

test('of a nucleus only the likeliest come, as often as their weights say', () => {
  const scores = Float32Array.from([1, 2, 4, 8, 1], Math.log);
  const counts = [0, 0, 0, 0, 0];
  for (let index = 0; index < 1200; index++) {
    const token = chooseToken(scores, { temperature: 1, topP: 0.7 }, () => (index + 0.5) / 1200);
    counts[token] = (counts[token] as number) + 1;
  }
  assert.deepEqual(counts, [0, 0, 400, 800, 0]);
});

test('scores that are no numbers are an internal error', () => {
  for (const scores of [Float32Array.of(Number.NaN, 1), Float32Array.of(1, Number.POSITIVE_INFINITY)])
    assert.throws(() => chooseToken(scores, { temperature: 1, topP: 1 }, () => 0), { code: 'INTERNAL' });
});
