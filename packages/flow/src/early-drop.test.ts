// Who is dropped although it could be answered alone, for the sake of those behind it: deadlines that differ between classes and
// between tenants.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { greedy } from './batch-policy.ts';
import { BatchScheduler } from './batch-scheduler.ts';
import type { Offered } from './offered.ts';
import type { Instances } from './instances.ts';
import { LatencyProfile } from './latency-profile.ts';

const maxRows = 64;
const marginMs = 1;
// Planned are 85 ms and 2.6 more for each row.
const profile = new LatencyProfile(
  maxRows,
  [1, 64].map((rows) => ({ rows, ms: 80 + 2.5 * rows })),
);
const weights: Readonly<Record<string, number>> = { a: 1, b: 1, c: 3 };
const weightOf = (tenant: string): number => weights[tenant] ?? 1;

function instances(free: number): Instances {
  return { profile, fastest: profile, marginMs, count: 1, free, endsMs: () => [0] };
}

function offer(withinMs: number, more: Partial<Offered> = {}): Offered {
  return { rows: 1, byteSize: 1, deadlineMs: withinMs, priority: 0, tenant: 'a', ...more };
}

function waiting(items: readonly Offered[]): BatchScheduler<Offered> {
  const scheduler = new BatchScheduler<Offered>({ policy: greedy, maxRows, maxBytes: 1e6, weightOf }, 0);
  for (const item of items) scheduler.append(item, 0, profile);
  return scheduler;
}

const flood = (more: Partial<Offered>): Offered[] => Array.from({ length: 300 }, () => offer(3000, more));

test('a flood of a lower class does not drop who has little time', () => {
  const urgent = offer(200);
  const scheduler = waiting([...flood({ priority: 1 }), urgent]);
  assert.deepEqual(scheduler.turn(0, instances(0)).dropped, []);
  const { dropped, batch } = scheduler.turn(20, instances(1));
  assert.deepEqual([dropped, batch?.items[0]], [[], urgent]);
  assert.ok((batch?.rows ?? 0) > 25, `${batch?.rows} rows`);
});

test('a flood of another tenant does not drop who has little time, its own does', () => {
  const urgent = offer(200, { tenant: 'b' });
  const light = waiting([...flood({}), urgent]);
  const { dropped, batch } = light.turn(20, instances(1));
  assert.deepEqual([dropped, batch?.items.includes(urgent)], [[], true]);
  const own = offer(200);
  assert.deepEqual(waiting([...flood({}), own]).turn(20, instances(1)).dropped, [own]);
});

test('the usual deadline of other classes does not make a class drop its own', () => {
  const urgent = Array.from({ length: 40 }, () => offer(200));
  const scheduler = waiting([...flood({ priority: 1 }), ...urgent]);
  const { dropped, batch } = scheduler.turn(40, instances(1));
  assert.deepEqual(dropped, []);
  assert.ok(urgent.includes(batch?.items[0] as Offered));
});

test('who is spared does not hide those behind it that are to be dropped', () => {
  const urgent = offer(190, { tenant: 'b' });
  const stale = Array.from({ length: 5 }, () => offer(200));
  const { dropped, batch } = waiting([...flood({}), ...stale, urgent]).turn(20, instances(1));
  assert.ok(batch?.items.includes(urgent));
  assert.deepEqual([dropped.length > 0, dropped.every((item) => stale.includes(item))], [true, true]);
});

test('who can ride in the batch that a free instance would take now is not dropped because another one is slower at its size', () => {
  const [steep, flat] = [5, 2.5].map(
    (perRowMs) =>
      new LatencyProfile(
        maxRows,
        [1, 64].map((rows) => ({ rows, ms: 82.5 + perRowMs * (rows - 1) })),
      ),
  ) as [LatencyProfile, LatencyProfile];
  const items = [...flood({}).slice(0, 40), ...Array.from({ length: 10 }, () => offer(220))];
  const known = { ...instances(1), profile: flat, fastest: steep };
  const { dropped, batch } = waiting(items).turn(0, known);
  assert.deepEqual([dropped, batch?.rows], [[], 50]);
  assert.ok(waiting(items).turn(0, { ...known, free: 0 }).dropped.length > 0);
});

test('nobody is dropped that can ride with all that is served before it and with it, whatever else waits', () => {
  const list = fc.array(
    fc.record({
      rows: fc.integer({ min: 1, max: 8 }),
      withinMs: fc.constantFrom(90, 110, 150, 200, 250, 1000, 3000),
      priority: fc.nat(2),
      tenant: fc.constantFrom('a', 'b', 'c'),
      times: fc.constantFrom(1, 1, 2, 30),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(list, fc.nat(60), fc.nat(1), (given, nowMs, free) => {
      const items = given.flatMap(({ times, withinMs, ...item }) =>
        Array.from({ length: times }, () => offer(withinMs, item)),
      );
      const rowsOf = (some: readonly Offered[]): number => some.reduce((sum, { rows }) => sum + rows, 0);
      /** Of higher classes, and so many of its own as are served while its tenant is. */
      const servedWith = ({ priority, tenant }: Offered): number => {
        const own = items.filter((one) => one.priority === priority);
        const waits = new Set(own.map((one) => one.tenant));
        const weight = [...waits].reduce((sum, one) => sum + weightOf(one), 0) / weightOf(tenant);
        const higher = items.filter((one) => one.priority < priority);
        return rowsOf(higher) + Math.min(rowsOf(own), weight * rowsOf(own.filter((one) => one.tenant === tenant)));
      };
      for (const item of waiting(items).turn(nowMs, instances(free)).dropped) {
        const rideMs = profile.plannedMs(Math.min(maxRows, servedWith(item))) + marginMs;
        assert.ok(item.deadlineMs - nowMs < rideMs, `${JSON.stringify(item)} of ${servedWith(item)} rows`);
      }
    }),
  );
});
