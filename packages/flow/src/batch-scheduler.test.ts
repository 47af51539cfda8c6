import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adaptive, type BatchPolicy, deferred, delay, greedy } from './batch-policy.ts';
import { BatchScheduler, type Turn } from './batch-scheduler.ts';
import type { Offered } from './offered.ts';
import { LatencyProfile } from './latency-profile.ts';

interface Numbered extends Offered {
  readonly number: number;
}

const maxRows = 16;
const policies: readonly BatchPolicy[] = [
  adaptive,
  deferred,
  greedy,
  delay({ queueDelayMs: 5, preferredRows: [4, 8] }),
];
// Ten milliseconds and one more for each row, as planned.
const profile = new LatencyProfile(
  maxRows,
  [1, 16].map((rows) => ({ rows, ms: (10 + rows) / 1.06 })),
);

function createScheduler(policy: BatchPolicy): BatchScheduler<Numbered> {
  return new BatchScheduler({ policy, maxRows, maxBytes: 1000 }, 0);
}

function offer(number: number, deadlineMs: number, more: Partial<Offered> = {}): Numbered {
  return { number, rows: 1, byteSize: 1, deadlineMs, priority: 0, tenant: 'a', ...more };
}

function turnAt(scheduler: BatchScheduler<Numbered>, nowMs: number, free = 1): Turn<Numbered> {
  return scheduler.turn(nowMs, {
    profile,
    fastest: profile,
    marginMs: 1,
    count: 2,
    free,
    endsMs: () => [nowMs, nowMs],
  });
}

const events = fc.array(
  fc.record({
    afterMs: fc.nat(8),
    free: fc.nat(2),
    leaves: fc.option(fc.nat(60)),
    rows: fc.integer({ min: 1, max: 5 }),
    byteSize: fc.integer({ min: 1, max: 300 }),
    withinMs: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constant(Number.POSITIVE_INFINITY)),
    priority: fc.nat(1),
    tenant: fc.constantFrom('a', 'b'),
  }),
  { maxLength: 60 },
);

test('nothing is lost or served twice, and no batch exceeds its limits or anyone’s deadline, under any policy', () => {
  fc.assert(
    fc.property(events, fc.constantFrom(...policies), (list, policy) => {
      const scheduler = createScheduler(policy);
      const fates: number[] = [];
      const items: Numbered[] = [];
      let nowMs = 0;
      const turn = (free: number): boolean => {
        const waiting = scheduler.size;
        const { dropped, batch } = turnAt(scheduler, nowMs, free);
        fates.push(...[...dropped, ...(batch?.items ?? [])].map((item) => item.number));
        assert.ok(dropped.every((item) => item.deadlineMs < nowMs + 1 + profile.plannedMs(maxRows)));
        if (batch === undefined) return false;
        const { rows, items: sent } = batch;
        assert.ok(free > 0 && sent.length > 0 && rows <= maxRows);
        assert.ok(sent.reduce((sum, item) => sum + item.byteSize, 0) <= 1000);
        for (const item of sent) {
          const leftMs = item.deadlineMs - nowMs + 1e-9;
          const inTime = profile.plannedMs(rows) + 1 <= leftMs;
          // Who may be late even alone rides along; the last one that waits is tried however late.
          const doubtful = leftMs < profile.plannedMs(item.rows) + 1 && leftMs >= profile.meanMs(item.rows);
          assert.ok(inTime || doubtful || (sent.length === 1 && dropped.length + 1 === waiting));
        }
        return true;
      };
      list.forEach(({ afterMs, free, leaves, withinMs, ...rest }, number) => {
        nowMs += afterMs;
        const item = offer(number, nowMs + withinMs, rest);
        items.push(item);
        scheduler.append(item, nowMs, profile);
        const leaver = items[leaves ?? -1];
        if (leaver !== undefined && scheduler.remove(leaver)) fates.push(leaver.number);
        turn(free);
      });
      for (let at = 0; scheduler.size > 0 && at < 1000; at += 1) {
        nowMs += 5;
        turn(1);
      }
      assert.deepEqual(
        fates.sort((a, b) => a - b),
        list.map((_, number) => number),
      );
    }),
  );
});

test('of equal deadlines of one tenant and class, who came first is served first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), fc.constantFrom(...policies), (count, policy) => {
      const scheduler = createScheduler(policy);
      for (let number = 0; number < count; number += 1) scheduler.append(offer(number, 400), 0, profile);
      const served: number[] = [];
      for (let nowMs = 0; nowMs < 400; nowMs += 1)
        served.push(...(turnAt(scheduler, nowMs).batch?.items ?? []).map((item) => item.number));
      assert.deepEqual(
        served,
        Array.from({ length: count }, (_, number) => number),
      );
    }),
  );
});

test('a lone request does not wait, whatever its rows, how long the model takes and how many instances there are', () => {
  const milliseconds = fc.integer({ min: 1, max: 10_000 });
  const [rowsOf, counts] = [fc.integer({ min: 1, max: maxRows }), fc.integer({ min: 1, max: 4 })];
  fc.assert(
    fc.property(fc.tuple(milliseconds, milliseconds, rowsOf, counts), ([startMs, perRowMs, rows, count]) => {
      const slow = new LatencyProfile(
        maxRows,
        [1, maxRows].map((size) => ({ rows: size, ms: startMs + (perRowMs / 100) * size })),
      );
      const scheduler = createScheduler(adaptive);
      for (let nowMs = 0; nowMs < 1e6; nowMs += 300_000) {
        scheduler.append(offer(0, Number.POSITIVE_INFINITY, { rows }), nowMs, slow);
        const free = { profile: slow, fastest: slow, marginMs: 1, count, free: 1, endsMs: () => [nowMs] };
        assert.equal(scheduler.turn(nowMs, free).batch?.rows, rows);
      }
    }),
  );
});

test('under load a batch waits for its target, and leaves at the latest moment without it', () => {
  const busy = createScheduler(adaptive);
  for (let number = 0; number < 60; number += 1) busy.append(offer(number, 1000), number, profile);
  const reasons: (string | undefined)[] = [];
  while (busy.rows >= maxRows) reasons.push(turnAt(busy, 60).batch?.reason);
  assert.ok(reasons.every((reason) => reason === 'target' || reason === 'full'));
  const alone = createScheduler(deferred);
  alone.append(offer(0, 100), 0, profile);
  const { batch, askAgainMs } = turnAt(alone, 0);
  assert.deepEqual([batch, Math.round(askAgainMs)], [undefined, 100 - 2 - 12]);
  assert.equal(turnAt(alone, askAgainMs).batch?.reason, 'deadline');
});

test('a long queue drops its oldest instead of shrinking its batches', () => {
  const scheduler = createScheduler(greedy);
  for (let number = 0; number < 40; number += 1) scheduler.append(offer(number, number < 5 ? 12 : 40), 0, profile);
  const { dropped, batch } = turnAt(scheduler, 0);
  assert.deepEqual([dropped.length, batch?.rows], [5, maxRows]);
});

test('who has no deadline is never dropped, however late', () => {
  const scheduler = createScheduler(adaptive);
  scheduler.append(offer(0, Number.POSITIVE_INFINITY), 0, profile);
  const { dropped, batch } = turnAt(scheduler, 1e6);
  assert.deepEqual([dropped.length, batch?.rows], [0, 1]);
});

test('the last one is tried while an instance is free, and dropped while none is', () => {
  const scheduler = createScheduler(adaptive);
  scheduler.append(offer(0, 5), 0, profile);
  assert.equal(turnAt(scheduler, 0, 1).batch?.rows, 1);
  scheduler.append(offer(1, 5), 0, profile);
  assert.equal(turnAt(scheduler, 0, 0).dropped.length, 1);
});

test('what is put back is served before its equals', () => {
  const scheduler = createScheduler(greedy);
  for (const number of [0, 1, 2, 3]) scheduler.append(offer(number, 13.5), 0, profile);
  const first = turnAt(scheduler, 0).batch?.items ?? [];
  scheduler.putBack(first, 0, profile);
  assert.deepEqual(turnAt(scheduler, 0).batch?.items, first);
});

test('a head of many rows that cannot make it is dropped although the first deadline, of fewer rows, can', () => {
  const scheduler = createScheduler(greedy);
  const small = offer(0, 13, { priority: 1 });
  const large = offer(1, 14, { rows: 5 });
  for (const item of [small, large]) scheduler.append(item, 0, profile);
  const { dropped, batch } = turnAt(scheduler, 0);
  assert.deepEqual([dropped, batch?.items], [[large], [small]]);
});

test('where more arrives than small batches could serve, a short queue drops its oldest too; where less does, it does not', () => {
  const turnAfter = (arrivals: number): [dropped: number, rows: number | undefined] => {
    const scheduler = createScheduler(greedy);
    for (let number = 0; number < arrivals; number += 1) {
      const gone = offer(1000 + number, 5040);
      scheduler.append(gone, 5000, profile);
      scheduler.remove(gone);
    }
    for (let number = 0; number < 8; number += 1)
      scheduler.append(offer(number, 5000 + (number < 3 ? 13.5 : 40)), 5000, profile);
    const { dropped, batch } = turnAt(scheduler, 5000);
    return [dropped.length, batch?.rows];
  };
  assert.deepEqual(turnAfter(0), [0, 2]);
  assert.deepEqual(turnAfter(400), [3, 5]);
});

test('under no policy does a request on idle instances wait until it is hopeless, and nobody is asked again in the past', () => {
  const within = fc.integer({ min: 15, max: 200 });
  fc.assert(
    fc.property(fc.array(within, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 300 }), (list, delayMs) => {
      for (const policy of [...policies, delay({ queueDelayMs: delayMs })]) {
        const scheduler = createScheduler(policy);
        list.forEach((withinMs, number) => scheduler.append(offer(number, withinMs + 10), 0, profile));
        let [nowMs, sent] = [0, 0];
        for (let turns = 0; scheduler.size > 0; turns += 1) {
          assert.ok(turns < 30);
          const { dropped, batch, askAgainMs } = turnAt(scheduler, nowMs);
          assert.deepEqual(dropped, []);
          sent += batch?.items.length ?? 0;
          assert.ok(askAgainMs >= nowMs + Number(batch === undefined) * 1e-6, `${askAgainMs} at ${nowMs}`);
          nowMs = askAgainMs;
        }
        assert.equal(sent, list.length);
      }
    }),
  );
});

test('newcomers that are due earlier do not restart the delay of who came first', () => {
  const scheduler = createScheduler(delay({ queueDelayMs: 20 }));
  for (let nowMs = 0; nowMs < 20; nowMs += 2) {
    scheduler.append(offer(nowMs, 1000 - 10 * nowMs), nowMs, profile);
    assert.equal(turnAt(scheduler, nowMs).batch, undefined);
  }
  assert.equal(turnAt(scheduler, 20).batch?.rows, 10);
});
