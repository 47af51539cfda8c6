// What the scheduler makes of instances that differ, and what it tells of its queue; batches and drops as such are in
// batch-scheduler.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { greedy } from './batch-policy.ts';
import { BatchScheduler } from './batch-scheduler.ts';
import type { Offered } from './offered.ts';
import type { Instances } from './instances.ts';
import { LatencyProfile } from './latency-profile.ts';

interface Numbered extends Offered {
  readonly number: number;
}

const maxRows = 16;
const infinity = Number.POSITIVE_INFINITY;
// Planned are 10 ms and one more for each row, and twice that.
const [fast, slow] = [planned(1), planned(2)];

function planned(factor: number): LatencyProfile {
  return new LatencyProfile(
    maxRows,
    [1, 16].map((rows) => ({ rows, ms: (factor * (10 + rows)) / 1.06 })),
  );
}

function offer(number: number, deadlineMs: number, more: Partial<Offered> = {}): Numbered {
  return { number, rows: 1, byteSize: 1, deadlineMs, priority: 0, tenant: 'a', ...more };
}

function instances(more: Partial<Instances> = {}): Instances {
  return { profile: fast, fastest: fast, marginMs: 1, count: 1, free: 1, endsMs: () => [0], ...more };
}

function waiting(items: readonly Numbered[], maxItems?: number): BatchScheduler<Numbered> {
  const scheduler = new BatchScheduler<Numbered>({ policy: greedy, maxRows, maxBytes: 1000, maxItems }, 0);
  for (const item of items) scheduler.append(item, 0, fast);
  return scheduler;
}

const numbers = (items: readonly Numbered[] = []): number[] => items.map(({ number }) => number);

describe('a slow instance that is free beside a fast one', () => {
  const slowOne = instances({ profile: slow, count: 2 });

  test('does not take what only the fast one answers in time, and nobody is dropped whom that can', () => {
    const scheduler = waiting([offer(0, 20), offer(1, 20)]);
    const { dropped, batch, askAgainMs } = scheduler.turn(0, slowOne);
    assert.deepEqual([dropped, batch], [[], undefined]);
    // From when on the fast one cannot either.
    assert.ok(Math.abs(askAgainMs - (20 - 11 / 1.06)) < 0.1, `${askAgainMs}`);
    assert.deepEqual(numbers(scheduler.turn(5, instances()).batch?.items), [0, 1]);
  });

  test('gets what it can do in time', () => {
    const { batch } = waiting([offer(0, 23), offer(1, 24)]).turn(0, slowOne);
    assert.deepEqual(numbers(batch?.items), [0]);
  });

  test('gets what it may do in time when the fast one would be as doubtful, and before that leaves it to that one', () => {
    // Too little for two instances that are about as fast to be sure of, enough for both on average.
    const slower = instances({ profile: planned(1.02) });
    assert.deepEqual(numbers(waiting([offer(0, 11.5), offer(1, 100)]).turn(0, slower).batch?.items), [0, 1]);
    const scheduler = waiting([offer(0, 12.1), offer(1, 100)]);
    const { batch, askAgainMs } = scheduler.turn(0, slower);
    assert.deepEqual([batch, askAgainMs < 0.2], [undefined, true]);
    assert.deepEqual(numbers(scheduler.turn(askAgainMs, slower).batch?.items), [0, 1]);
  });

  test('gets those behind the first as soon as the fast one cannot answer that one any more', () => {
    const scheduler = waiting([offer(0, 20), offer(1, 200)]);
    const { askAgainMs } = scheduler.turn(0, slowOne);
    const { dropped, batch } = scheduler.turn(askAgainMs, slowOne);
    assert.deepEqual([numbers(dropped), numbers(batch?.items)], [[0], [1]]);
  });

  test('is asked about again when the head cannot make it, though another one is due before', () => {
    const head = offer(0, 40, { rows: 10 });
    const scheduler = waiting([head, offer(1, infinity), offer(2, 38, { priority: 1 })]);
    const { batch, askAgainMs } = scheduler.turn(1, slowOne);
    assert.equal(batch, undefined);
    // Nobody is sure of it then, and soon after nobody can.
    assert.ok(Math.abs(askAgainMs - (40 - 1 - 20)) < 0.1, `${askAgainMs}`);
    const again = scheduler.turn(askAgainMs, slowOne);
    assert.equal(again.batch, undefined);
    assert.ok(Math.abs(again.askAgainMs - (40 - 20 / 1.06)) < 0.1, `${again.askAgainMs}`);
    const next = scheduler.turn(again.askAgainMs, slowOne);
    assert.deepEqual([numbers(next.dropped), numbers(next.batch?.items)], [[0], [1]]);
  });

  test('is tried with the last who waits once nobody could answer it in time', () => {
    const { dropped, batch } = waiting([offer(0, 9)]).turn(0, slowOne);
    assert.deepEqual([dropped, numbers(batch?.items)], [[], [0]]);
  });
});

test('nobody whom the fastest may answer is dropped where all keep up, or sent to who cannot', () => {
  const deadlines = fc.array(fc.integer({ min: 5, max: 60 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(deadlines, fc.integer({ min: 1, max: 4 }), fc.nat(30), (list, factor, nowMs) => {
      const scheduler = waiting(list.map((deadlineMs, number) => offer(number, deadlineMs)));
      // So many keep up with any batch: nothing is dropped early.
      const one = instances({ profile: planned(factor), count: 1000 });
      const { dropped, batch } = scheduler.turn(nowMs, one);
      const maybe = (profile: LatencyProfile, { deadlineMs }: Numbered): boolean =>
        nowMs + profile.meanMs(1) <= deadlineMs;
      assert.ok(dropped.every((item) => !maybe(fast, item)));
      assert.ok((batch?.items ?? []).every((item) => !maybe(fast, item) || maybe(one.profile, item)));
    }),
  );
});

test('a batch has at most so many items, however few rows they are', () => {
  const items = Array.from({ length: 5 }, (_, number) => offer(number, infinity));
  const one = waiting(items, 1);
  const two = waiting(items, 2);
  assert.deepEqual(numbers(one.turn(0, instances()).batch?.items), [0]);
  assert.deepEqual(numbers(one.turn(0, instances()).batch?.items), [1]);
  assert.deepEqual(numbers(two.turn(0, instances()).batch?.items), [0, 1]);
});

test('a batch has at most so many bytes, unless one item has more', () => {
  const items = [600, 400, 1, 5000, 1].map((byteSize, number) => offer(number, infinity, { byteSize }));
  const scheduler = waiting(items);
  const batches = items.map(() => numbers(scheduler.turn(0, instances()).batch?.items));
  assert.deepEqual(batches, [[0, 1], [2], [3], [4], []]);
});

describe('what is told of the queue', () => {
  test('how long the first deadline leaves, whatever the order of service', () => {
    const scheduler = waiting([offer(0, infinity)]);
    assert.equal(scheduler.slackMs(5), infinity);
    scheduler.append(offer(1, 80), 5, fast);
    scheduler.append(offer(2, 50, { priority: 2 }), 5, fast);
    assert.deepEqual([scheduler.slackMs(5), scheduler.slackMs(60)], [45, -10]);
  });

  test('how long those who wait keep all instances busy', () => {
    const scheduler = waiting(Array.from({ length: 64 }, (_, number) => offer(number, infinity)));
    assert.equal(scheduler.drainMs(instances()), 4 * fast.meanMs(16));
    assert.equal(scheduler.drainMs(instances({ count: 2.5 })), (4 / 2.5) * fast.meanMs(16));
    assert.equal(waiting([]).drainMs(instances()), 0);
  });

  test('in batches as large as the usual deadline allows', () => {
    // Three quarters of 24 ms suffice for eight rows.
    const scheduler = waiting(Array.from({ length: 64 }, (_, number) => offer(number, 24)));
    assert.equal(scheduler.drainMs(instances()), 8 * fast.meanMs(8));
    // Not even for one: then each goes by itself.
    assert.equal(waiting([offer(0, 5), offer(1, 5)]).drainMs(instances()), 2 * fast.meanMs(1));
  });

  test('how many wait, in all and in each class, their rows and bytes, and the class of the next', () => {
    const scheduler = waiting([offer(0, 90, { priority: 2, rows: 3, byteSize: 7 }), offer(1, 90, { priority: 1 })]);
    assert.deepEqual([scheduler.size, scheduler.rows, scheduler.byteSize, scheduler.priority], [2, 4, 8, 1]);
    assert.deepEqual(
      [0, 1, 2].map((priority) => scheduler.sizeOf(priority)),
      [0, 1, 1],
    );
    assert.equal(waiting([]).priority, undefined);
  });
});

test('everything that waits can be taken out at once, in the order in which it came, and nothing is left of it', () => {
  const items = [offer(0, 90), offer(1, infinity), offer(2, 30, { priority: 2, tenant: 'b' })];
  const scheduler = waiting(items);
  assert.deepEqual(scheduler.takeAll(), items);
  assert.deepEqual([scheduler.size, scheduler.rows, scheduler.byteSize, scheduler.takeAll()], [0, 0, 0, []]);
  assert.equal(scheduler.remove(items[0] as Numbered), false);
});

test('who is displaced is put back with the due time and the wait that it had', () => {
  const scheduler = waiting([offer(0, infinity, { objectiveMs: 50 }), offer(1, infinity, { objectiveMs: 40 })]);
  const yielding = scheduler.yieldingTo(offer(2, 90, { tenant: 'b' })) as Numbered;
  const putBack = scheduler.displace(yielding);
  assert.equal(scheduler.size, 1);
  putBack();
  assert.ok(scheduler.remove(yielding));
  assert.equal(scheduler.size, 1);
  scheduler.append(yielding, 0, fast);
  scheduler.displace(yielding)();
  assert.deepEqual(numbers(scheduler.turn(30, instances()).batch?.items), [1, 0]);
});

test('whoever is not here is not displaced', () => {
  const scheduler = waiting([offer(0, 90)]);
  scheduler.displace(offer(0, 90))();
  assert.equal(scheduler.size, 1);
});
