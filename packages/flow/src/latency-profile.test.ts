import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LatencyProfile, type Measurement } from './latency-profile.ts';

const measurements = fc.array(
  fc.record({
    rows: fc.integer({ min: 1, max: 64 }),
    ms: fc.oneof(fc.double({ min: 0.1, max: 1000, noNaN: true }), fc.constantFrom(0, 1e-3, 1e6)),
  }),
);

function line(rows: number): number {
  return 8 + 0.25 * rows;
}

function warmedUp(): LatencyProfile {
  return new LatencyProfile(
    64,
    [1, 32, 64].map((rows) => ({ rows, ms: line(rows) })),
  );
}

/** Warmed up, and every size answered often enough. */
function settledDown(): LatencyProfile {
  const profile = warmedUp();
  learn(profile, 42, (at) => ({ rows: 2 ** (at % 7), ms: line(2 ** (at % 7)) }));
  return profile;
}

function learn(profile: LatencyProfile, times: number, measure: (at: number) => Measurement): void {
  for (let at = 0; at < times; at += 1) profile.learn(measure(at));
}

function isNear(actual: number, expected: number, share: number): void {
  assert.ok(Math.abs(actual / expected - 1) <= share, `${actual}, not ${expected} ± ${100 * share}%`);
}

test('is positive and never falls with the rows, whatever it has learned', () => {
  fc.assert(
    fc.property(measurements, measurements, (warmUp, later) => {
      const profile = new LatencyProfile(64, warmUp);
      for (const measurement of later) profile.learn(measurement);
      let before = 0;
      for (let rows = 1; rows <= 80; rows += 1) {
        const planned = profile.plannedMs(rows);
        assert.ok(planned > 0 && planned < Number.POSITIVE_INFINITY && planned >= before * (1 - 1e-12));
        before = planned;
      }
    }),
  );
});

test('knows a line from its warm-up, and between what was measured, and plans with 6% more', () => {
  const profile = warmedUp();
  for (const rows of [1, 7, 33, 64]) {
    isNear(profile.meanMs(rows), line(rows), 1e-9);
    isNear(profile.plannedMs(rows), 1.06 * line(rows), 1e-9);
  }
});

test('more rows than the maximum are full runs and one of the rest, and teach nothing', () => {
  const profile = warmedUp();
  const expected = { 65: line(64) + line(1), 128: 2 * line(64), 200: 3 * line(64) + line(8) };
  for (const [rows, ms] of Object.entries(expected)) isNear(profile.meanMs(Number(rows)), ms, 1e-9);
  learn(profile, 3, () => ({ rows: 128, ms: 10_000 }));
  isNear(profile.meanMs(64), line(64), 1e-9);
});

test('the most rows within a time are the most that are planned to end in it', () => {
  fc.assert(
    fc.property(measurements, fc.double({ min: 0, max: 1500, noNaN: true }), (warmUp, ms) => {
      const profile = new LatencyProfile(64, warmUp);
      const rows = profile.mostRowsWithin(ms);
      assert.ok(rows === 0 || profile.plannedMs(rows) <= ms);
      assert.ok(rows === 64 || profile.plannedMs(rows + 1) > ms);
    }),
  );
});

test('one pause among many answers changes little', () => {
  const profile = warmedUp();
  learn(profile, 100, () => ({ rows: 16, ms: line(16) }));
  profile.learn({ rows: 16, ms: 500 });
  isNear(profile.plannedMs(16), 1.06 * line(16), 0.03);
});

test('a replica that becomes twice as slow, and then as fast as before, is known after 30 answers each', () => {
  const profile = warmedUp();
  learn(profile, 30, () => ({ rows: 40, ms: 2 * line(40) }));
  isNear(profile.meanMs(40), 2 * line(40), 0.1);
  isNear(profile.meanMs(4), 2 * line(4), 0.25);
  learn(profile, 30, () => ({ rows: 40, ms: line(40) }));
  isNear(profile.meanMs(40), line(40), 0.1);
});

test('a warm-up ten times too slow is forgotten, also for sizes that are not sent', () => {
  const profile = new LatencyProfile(64, [{ rows: 1, ms: 10 * line(1) }]);
  learn(profile, 60, () => ({ rows: 1, ms: line(1) }));
  isNear(profile.meanMs(1), line(1), 0.1);
  isNear(profile.meanMs(64), line(1), 0.5);
});

test('times that are no line are learned', () => {
  const steps = (rows: number): number => (rows <= 8 ? 10 : 30);
  const profile = warmedUp();
  learn(profile, 2000, (at) => ({
    rows: [1, 4, 8, 16, 32, 64][at % 6] as number,
    ms: steps([1, 4, 8, 16, 32, 64][at % 6] as number),
  }));
  for (const rows of [1, 4, 8, 16, 32, 64]) isNear(profile.meanMs(rows), steps(rows), 0.1);
});

test('plans with more where times scatter more', () => {
  const profile = warmedUp();
  learn(profile, 1000, (at) => ({ rows: 32, ms: line(32) * (at % 2 === 0 ? 0.85 : 1.15) }));
  assert.ok(profile.plannedMs(32) > 1.15 * line(32) && profile.plannedMs(32) < 1.4 * line(32));
});

test('what nobody has measured is what the first answer takes', () => {
  const profile = new LatencyProfile(64, []);
  assert.ok(profile.meanMs(1) > 0);
  profile.learn({ rows: 8, ms: 300 });
  for (const rows of [1, 8, 64]) isNear(profile.meanMs(rows), 300, 1e-9);
  // The second is one of many: half as slow again moves it a little.
  profile.learn({ rows: 8, ms: 450 });
  isNear(profile.meanMs(8), 300, 0.05);
});

test('two far-off measurements in a row are taken at their word, as far as the nearer one', () => {
  const slower = settledDown();
  slower.learn({ rows: 32, ms: 5 * line(32) });
  isNear(slower.meanMs(32), line(32), 0.02);
  slower.learn({ rows: 32, ms: 9 * line(32) });
  isNear(slower.meanMs(32), 5 * line(32), 0.03);
  const faster = settledDown();
  learn(faster, 2, (at) => ({ rows: 32, ms: line(32) / (at === 0 ? 10 : 4) }));
  isNear(faster.meanMs(32), line(32) / 4, 0.04);
});

test('a leap takes sizes along that were not measured, most of the way', () => {
  const profile = settledDown();
  learn(profile, 2, () => ({ rows: 32, ms: 6 * line(32) }));
  const [one, most] = [profile.meanMs(1) / line(1), profile.meanMs(64) / line(64)];
  for (const factor of [one, most]) assert.ok(factor > 3 && factor < 5, `${factor}`);
});

test('one far-off measurement is not, nor are two on different sides, nor two with another between them', () => {
  const factors = { once: [5], apart: [5, 0.2], interrupted: [5, 1, 5, 1, 5], almostTwice: [1.9, 1.9] };
  for (const [name, list] of Object.entries(factors)) {
    const profile = settledDown();
    learn(profile, list.length, (at) => ({ rows: 32, ms: (list[at] as number) * line(32) }));
    assert.ok(Math.abs(profile.meanMs(32) / line(32) - 1) < 0.07, `${name}: ${profile.meanMs(32)}`);
  }
});

test('a size that was never measured is what its first measurement says, between the sizes that were', () => {
  const profile = new LatencyProfile(64, [
    { rows: 1, ms: 10 },
    { rows: 64, ms: 40 },
  ]);
  profile.learn({ rows: 8, ms: 30 });
  assert.deepEqual(
    [1, 8, 64].map((rows) => Math.round(profile.meanMs(rows))),
    [10, 30, 40],
  );
  profile.learn({ rows: 16, ms: 500 });
  profile.learn({ rows: 4, ms: 1 });
  assert.deepEqual(
    [1, 4, 16, 64].map((rows) => Math.round(profile.meanMs(rows))),
    [10, 10, 40, 40],
  );
});

test('the first run of a size, which pays for what runtimes do lazily, is forgotten with the second', () => {
  const profile = new LatencyProfile(64, [{ rows: 1, ms: line(1) }]);
  for (const rows of [2, 4, 8, 16, 32, 64]) {
    profile.learn({ rows, ms: 400 });
    profile.learn({ rows, ms: line(rows) });
    isNear(profile.meanMs(rows), line(rows), 0.02);
  }
  isNear(profile.meanMs(1), line(1), 0.02);
});

test('a curve of the wrong shape is mended, also when small and large batches come in turns of many', () => {
  const profile = settledDown();
  const steep = (rows: number): number => line(rows) * (rows < 8 ? 1 : 8);
  learn(profile, 400, (at) => {
    const rows = Math.floor(at / 20) % 2 === 0 ? 1 : 64;
    return { rows, ms: steep(rows) };
  });
  isNear(profile.meanMs(1), steep(1), 0.1);
  isNear(profile.meanMs(64), steep(64), 0.1);
});

test('a warm-up of no time at all is a very short time', () => {
  const profile = new LatencyProfile(4, [
    { rows: 1, ms: 0 },
    { rows: 4, ms: 0 },
  ]);
  assert.ok(profile.meanMs(1) > 0 && profile.meanMs(4) < 0.01);
  learn(profile, 2, () => ({ rows: 4, ms: 20 }));
  isNear(profile.meanMs(4), 20, 0.05);
});
