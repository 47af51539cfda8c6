import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Admission, type Ahead } from './admission.ts';
import { greedy } from './batch-policy.ts';
import { BatchScheduler } from './batch-scheduler.ts';
import type { Offered } from './offered.ts';
import type { Instances } from './instances.ts';
import { LatencyProfile } from './latency-profile.ts';

const maxRows = 16;
// Planned are 10 ms and one more for each row.
const profile = new LatencyProfile(
  maxRows,
  [1, 16].map((rows) => ({ rows, ms: (10 + rows) / 1.06 })),
);
const infinity = Number.POSITIVE_INFINITY;

function ahead(more: Partial<Ahead> = {}): Ahead {
  const sizes = { share: 1, batchRows: 8, largestRows: 8, waitingRows: 0 };
  return { profile, marginMs: 1, endsMs: () => [20], rowsBefore: () => 0, ...sizes, ...more };
}

function admits(admission: Admission, deadlineMs: number, more: Partial<Ahead> = {}): boolean {
  return admission.admits({ rows: 1, deadlineMs }, 0, ahead(more));
}

/** The earliest whole deadline that is let in. */
function earliest(more: Partial<Ahead> = {}): number {
  let deadlineMs = 0;
  while (!admits(new Admission(), deadlineMs, more)) deadlineMs += 1;
  return deadlineMs;
}

function busy(endsMs: readonly number[], more: Partial<Instances> = {}): Instances {
  return {
    ...{ profile, fastest: profile, marginMs: 1, count: endsMs.length, free: 0, endsMs: () => endsMs },
    ...more,
  };
}

function offer(deadlineMs: number, more: Partial<Offered> = {}): Offered {
  return { rows: 1, byteSize: 1, deadlineMs, priority: 0, tenant: 'a', ...more };
}

function waiting(items: readonly Offered[]): BatchScheduler<Offered> {
  const scheduler = new BatchScheduler<Offered>({ policy: greedy, maxRows, maxBytes: 1000 }, 0);
  for (const item of items) scheduler.append(item, 0, profile);
  return scheduler;
}

test('the wait lasts until an instance is free, then its own batch, then the way back', () => {
  assert.equal(earliest(), 20 + 11 + 1);
  assert.equal(earliest({ endsMs: () => [5, 20] }), 5 + 11 + 1);
  // An instance that should have ended already is expected now.
  const [item, late] = [{ rows: 1, deadlineMs: 1011.9 }, ahead({ endsMs: () => [960] })];
  assert.equal(new Admission().admits(item, 1000, late), false);
  assert.equal(new Admission().admits({ ...item, deadlineMs: 1012 }, 1000, late), true);
});

test('who waits already makes the batch larger, and from a full batch on the wait a batch longer', () => {
  const behind = (waitingRows: number): number => earliest({ waitingRows, rowsBefore: () => waitingRows });
  assert.deepEqual([behind(3), behind(7)], [20 + 14 + 1, 20 + 18 + 1]);
  // The batch before it takes its mean, its own what is planned.
  assert.equal(behind(8), Math.ceil(20 + 18 / 1.06 + 18 + 1));
  assert.equal(earliest({ waitingRows: 8, rowsBefore: () => 8, endsMs: () => [20, 30] }), 30 + 18 + 1);
});

test('where only a part of the instances’ time is left, each batch before it takes that much longer', () => {
  const behind = { waitingRows: 8, rowsBefore: () => 8, endsMs: () => [20, 30, 45, 50] };
  assert.deepEqual([earliest({ ...behind, share: 1 }), earliest({ ...behind, share: 0.5 })], [30 + 19, 45 + 19]);
  assert.equal(earliest({ ...behind, share: 0.25 }), Math.ceil(20 + 18 / 1.06 + 19));
});

test('what is served later does not count', () => {
  assert.equal(earliest({ waitingRows: 800, rowsBefore: () => 0 }), earliest());
});

test('the more are turned away the surer must be who is not, and that passes again', () => {
  const admission = new Admission();
  const [hopeless, close, sure] = [5, 32, 36];
  const turnAway = (times: number): void => {
    for (let time = 0; time < times; time += 1) assert.equal(admits(admission, hopeless), false);
  };
  turnAway(5);
  assert.ok(admits(admission, close));
  turnAway(100);
  assert.deepEqual([admits(admission, close), admits(admission, sure)], [false, true]);
  for (let time = 0; time < 200; time += 1) admits(admission, sure);
  assert.ok(admits(admission, close));
});

test('who waited in vain while many are turned away makes it stricter for a while', () => {
  const [hopeless, before, after] = [5, 36, 41];
  const turnAway = (admission: Admission, times: number): void => {
    for (let time = 0; time < times; time += 1) admits(admission, hopeless);
  };
  const [calm, busy] = [new Admission(), new Admission()];
  calm.waitedInVain(100);
  turnAway(calm, 200);
  assert.ok(admits(calm, before));
  turnAway(busy, 200);
  busy.waitedInVain(100);
  assert.deepEqual([admits(busy, before), admits(busy, after)], [false, true]);
  turnAway(busy, 1000);
  assert.ok(!admits(busy, before));
  turnAway(busy, 15_000);
  assert.ok(admits(busy, before));
});

test('while few are turned away the batches before it are thought as large as deadlines allow', () => {
  const admission = new Admission();
  const behind = { waitingRows: 9, rowsBefore: () => 9, largestRows: 10 };
  assert.ok(admits(admission, 20 + 18 + 1, behind));
  for (let time = 0; time < 100; time += 1) admits(admission, 5);
  assert.ok(!admits(admission, 20 + 18 + 5, behind));
});

test('while an instance is free everybody is let in, and who has no deadline always', () => {
  const scheduler = waiting(Array.from({ length: 200 }, () => offer(100)));
  assert.equal(scheduler.admits(offer(1), 0, busy([1e6])), false);
  assert.equal(scheduler.admits(offer(1), 0, busy([1e6], { free: 1 })), true);
  assert.equal(scheduler.admits(offer(infinity), 0, busy([1e6])), true);
});

test('a tenant with little waiting is let in while another floods', () => {
  const scheduler = waiting(Array.from({ length: 300 }, () => offer(60)));
  const instances = busy([10]);
  assert.equal(scheduler.admits(offer(60), 0, instances), false);
  assert.equal(scheduler.admits(offer(60, { tenant: 'b' }), 0, instances), true);
});

test('who is due before the others of its tenant does not wait for them', () => {
  const scheduler = waiting(Array.from({ length: 300 }, () => offer(400)));
  const instances = busy([10]);
  assert.deepEqual(
    [60, 399, 400].map((deadlineMs) => scheduler.admits(offer(deadlineMs), 0, instances)),
    [true, true, false],
  );
});

test('what waits in lower classes is not before it, what waits in higher ones is', () => {
  const scheduler = waiting(Array.from({ length: 300 }, () => offer(60, { priority: 1 })));
  assert.deepEqual(
    [0, 1, 2].map((priority) => scheduler.admits(offer(60, { priority, tenant: 'b' }), 0, busy([10]))),
    [true, true, false],
  );
});

test('who has been let in while an instance was free counts: being strict ends with the overload', () => {
  const scheduler = waiting([offer(24)]);
  const [full, free] = [busy([8]), busy([8], { free: 1 })];
  for (let time = 0; time < 200; time += 1) scheduler.admits(offer(5), 0, full);
  assert.equal(scheduler.admits(offer(22), 0, full), false);
  for (let time = 0; time < 200; time += 1) scheduler.admits(offer(24), 0, free);
  assert.equal(scheduler.admits(offer(22), 0, full), true);
});

test('who is let in behind less than an efficient batch is answered in time, if nobody comes after it', () => {
  const list = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 });
  const ends = fc.array(fc.integer({ min: 10, max: 30 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(ends, list, fc.double({ min: 12, max: 40, noNaN: true }), (given, sizes, withinMs) => {
      const endsMs = given.sort((a, b) => a - b);
      const firstMs = endsMs[0] as number;
      // Three quarters of any such deadline suffice for eight rows.
      const deadlineMs = Math.max(24, firstMs + withinMs);
      const scheduler = waiting([]);
      for (const rows of sizes) {
        const item = offer(deadlineMs, { rows });
        if (scheduler.rows + rows <= 8 && scheduler.admits(item, 0, busy(endsMs))) scheduler.append(item, 0, profile);
      }
      const { dropped: early } = scheduler.turn(0, busy(endsMs));
      const admitted = scheduler.size;
      const { batch, dropped } = scheduler.turn(firstMs, busy(endsMs, { free: 1 }));
      assert.deepEqual([early, dropped, batch?.items.length ?? 0], [[], [], admitted]);
      assert.ok(admitted === 0 || firstMs + profile.plannedMs(batch?.rows ?? 0) + 1 <= deadlineMs);
    }),
  );
});
