import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalQuantile, normalShare } from './normal.ts';
import { randomBits } from './random-bits.ts';
import { betweenNoises, seededNoise } from './seeded-noise.ts';

const shape = { length: 64, labels: 10, truncation: 0 };
const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test('the bits of a seed are those of SplitMix64', () => {
  const next = randomBits(1234567);
  assert.deepEqual([next(), next(), next()], [6457827717110365317n, 3203168211198807973n, 9817491932198370423n]);
});

test('quantiles of the normal distribution are right in the middle and in the tails', () => {
  for (const [share, value] of [
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.975, 1.959963984540054],
    [0.001, -3.090232306167813],
    [1e-10, -6.361340902404056],
    [1e-20, -9.262340089798409],
  ] as const) {
    assert.ok(Math.abs(normalQuantile(share) - value) < 1e-12, `${share}: ${normalQuantile(share)}`);
  }
});

test('share and quantile are each the other backwards', () => {
  fc.assert(
    fc.property(fc.double({ min: -5, max: 5, noNaN: true }), (x) => {
      assert.ok(Math.abs(normalQuantile(normalShare(x)) - x) < 1e-8);
    }),
  );
  assert.deepEqual([normalShare(-9), normalShare(9)], [0, 1]);
});

test('a seed gives these numbers, on every machine', () => {
  const { noise, label } = seededNoise(7, { length: 4, labels: 10, truncation: 0 });
  assert.deepEqual(
    [label, ...noise],
    [7, -2.125120162963867, 1.2858980894088745, 0.2093956172466278, -0.11949425935745239],
  );
});

test('noise is normal: mean 0, variance 1, and as many values beyond two deviations as there should be', () => {
  const { noise } = seededNoise(1, { ...shape, length: 100_000 });
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
  const variance = noise.reduce((sum, value) => sum + value * value, 0) / noise.length;
  const beyond = noise.filter((value) => Math.abs(value) > 2).length / noise.length;
  assert.ok(Math.abs(mean) < 0.01 && Math.abs(variance - 1) < 0.02 && Math.abs(beyond - 0.0455) < 0.003);
});

test('truncated noise stays within its bounds, and keeps the ranks of its values', () => {
  fc.assert(
    fc.property(seeds, fc.double({ min: 1e-6, max: 10, noNaN: true }), (seed, truncation) => {
      const [whole, cut] = [seededNoise(seed, shape), seededNoise(seed, { ...shape, truncation })];
      assert.equal(cut.label, whole.label);
      assert.ok(cut.noise.every((value) => Math.abs(value) <= truncation * (1 + 1e-6)));
      const ranks = (noise: Float32Array): number[] =>
        [...noise.keys()].sort((a, b) => (whole.noise[a] as number) - (whole.noise[b] as number));
      const ordered = ranks(whole.noise).map((index) => cut.noise[index] as number);
      assert.ok(ordered.every((value, index) => index === 0 || value >= (ordered[index - 1] as number)));
    }),
  );
});

test('seeds that follow each other have nothing in common, and draw all labels', () => {
  const made = Array.from({ length: 200 }, (_, seed) => seededNoise(seed, shape));
  assert.equal(new Set(made.map(({ label }) => label)).size, 10);
  const alike = made.slice(1).map(({ noise }, index) => {
    const before = made[index]?.noise as Float32Array;
    return Math.abs(noise.reduce((sum, value, at) => sum + value * (before[at] as number), 0)) / 64;
  });
  assert.ok(Math.max(...alike) < 0.6, `${Math.max(...alike)}`);
});

test('a walk begins and ends with its seeds, and never leaves the shell in which noise lies', () => {
  fc.assert(
    fc.property(seeds, seeds, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, share) => {
      const [from, to] = [seededNoise(a, shape).noise, seededNoise(b, shape).noise];
      assert.deepEqual([betweenNoises(from, to, 0), betweenNoises(from, to, 1)], [from, to]);
      const radius = (noise: Float32Array): number => Math.hypot(...noise);
      const between = radius(betweenNoises(from, to, share));
      assert.ok(between >= 0.85 * Math.min(radius(from), radius(to)));
      assert.ok(between <= 1.15 * Math.max(radius(from), radius(to)));
    }),
  );
});

test('between a seed and itself nothing changes', () => {
  const { noise } = seededNoise(3, shape);
  const between = betweenNoises(noise, Float32Array.from(noise), 0.3);
  assert.ok(between.every((value, index) => Math.abs(value - (noise[index] as number)) < 1e-5));
});
