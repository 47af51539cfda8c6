import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ModelProfile } from './model-profile.ts';
import { type Load, type Plan, planReplicas, simulateReplicas } from './plan-replicas.ts';

/** Short runs: the suite has many. */
const requests = 3000;
const plan = (model: ModelProfile, load: Load): Plan => planReplicas(model, load, { requests });

function profile(startMs: number, perRowMs: number, maxRows: number): ModelProfile {
  const times = [1, 2, 4, 8, 16, 32]
    .filter((rows) => rows <= maxRows)
    .map((rows) => ({ rows, ms: startMs + perRowMs * rows }));
  const unknown = { model: 'm', version: '', method: '', source: 'a test' };
  return { ...unknown, times, maxRows, instances: 1, deviation: 0.025, marginMs: 2 };
}

/** A few times what the model takes alone, and a load that two to eight replicas could serve at their best. */
const settings = fc.record({
  startMs: fc.integer({ min: 1, max: 40 }),
  perRowMs: fc.integer({ min: 1, max: 10 }),
  maxRows: fc.constantFrom(1, 8, 32),
  patience: fc.integer({ min: 3, max: 12 }),
  replicas: fc.integer({ min: 2, max: 8 }),
  load: fc.double({ min: 0.3, max: 1.2, noNaN: true }),
});

test('a replica more never answers fewer in time, beyond noise, and none answers more than it can', () => {
  fc.assert(
    fc.property(settings, ({ startMs, perRowMs, maxRows, patience, replicas, load }) => {
      const model = profile(startMs, perRowMs, maxRows);
      const most = (1000 * maxRows) / (startMs + perRowMs * maxRows);
      const deadlineMs = patience * (startMs + perRowMs) + 5;
      const offered: Load = { rate: load * replicas * most, rows: 1, deadlineMs, share: 0.99, reserve: 0 };
      const [fewer, more] = [replicas, replicas + 1].map((count) =>
        simulateReplicas(model, offered, { replicas: count, requests }),
      );
      assert.ok(fewer !== undefined && more !== undefined);
      assert.ok(more.inTime >= fewer.inTime - 0.01, `${more.inTime} after ${fewer.inTime}`);
      assert.ok(fewer.busy <= 1 && fewer.goodput <= 1.05 * replicas * most, `${fewer.busy} busy`);
      assert.ok(fewer.batchRows >= 1 && fewer.batchRows <= maxRows);
    }),
    { numRuns: 8 },
  );
});

test('one replica is enough where an M/M/1 queue would be, and too few where work piles up', () => {
  const alone = profile(9, 1, 1);
  const share = 0.99;
  for (const busy of [0.3, 0.5, 0.7, 0.8]) {
    // Times that do not vary wait for less than exponential ones: P(wait > t) = ρ·exp(−(1 − ρ)·t ÷ s) is a bound.
    const waitMs = (10 * Math.log(busy / (1 - share))) / (1 - busy);
    const load = { rate: 100 * busy, rows: 1, deadlineMs: waitMs + 10 * 1.06 + 2, share, reserve: 0 };
    assert.equal(plan(alone, load).least, 1, `${busy}`);
  }
  for (const replicas of [1, 3]) {
    const load = { rate: 110 * replicas, rows: 1, deadlineMs: 200, share, reserve: 0 };
    assert.equal(plan(alone, load).least, replicas + 1);
  }
});

test('batches save replicas, and a shorter deadline costs some', () => {
  const load = (deadlineMs: number): Load => ({ rate: 1000, rows: 1, deadlineMs, share: 0.99, reserve: 0 });
  const least = (maxRows: number, deadlineMs: number): number =>
    plan(profile(8, 0.25, maxRows), load(deadlineMs)).least;
  const [single, patient, hasty] = [least(1, 100), least(32, 100), least(32, 16)];
  assert.ok(single >= 9 && patient <= 2 && hasty > patient, `${single} ${patient} ${hasty}`);
});

test('what is planned holds the share, and one replica fewer does not', () => {
  const load = { rate: 300, rows: 4, deadlineMs: 100, share: 0.99, reserve: 0 };
  const { least, outlooks } = plan(profile(20, 2, 32), load);
  const inTime = (replicas: number): number => outlooks.find((one) => one.replicas === replicas)?.inTime ?? Number.NaN;
  assert.ok(inTime(least) >= 0.99 && inTime(least - 1) < 0.99 && inTime(least + 1) >= 0.99);
});

test('a reserve is planned for as if it arrived, and shown beside what does', () => {
  const load = { rate: 300, rows: 1, deadlineMs: 100, share: 0.99, reserve: 0.5 };
  const { least, outlooks } = plan(profile(9, 1, 1), load);
  assert.equal(least, plan(profile(9, 1, 1), { ...load, rate: 450, reserve: 0 }).least);
  const tooFew = outlooks.find(({ replicas }) => replicas === least - 1);
  assert.ok(tooFew !== undefined && tooFew.inTime >= 0.99 && tooFew.inTimeWithReserve < 0.99);
});

test('several instances of a replica do the work of as many replicas', () => {
  const load = { rate: 350, rows: 1, deadlineMs: 100, share: 0.99, reserve: 0 };
  const single = profile(9, 1, 1);
  assert.equal(plan(single, load).least, 4);
  assert.equal(plan({ ...single, instances: 2 }, load).least, 2);
});

test('a deadline that no number of replicas meets is said at once', () => {
  const load = { rate: 10, rows: 1, deadlineMs: 10, share: 0.99, reserve: 0 };
  assert.throws(() => plan(profile(9, 1, 32), load), {
    code: 'FAILED_PRECONDITION',
    message: 'no number of replicas is enough: m takes 12.6 ms for one row alone, and the deadline is 10 ms',
  });
  const wide = { ...profile(9, 1, 1), deviation: 0.4 };
  const tight = { rate: 50, rows: 1, deadlineMs: 14, share: 0.99, reserve: 0 };
  assert.throws(() => plan(wide, tight), /no number of replicas is enough: even \d+ answer \d+/);
});
