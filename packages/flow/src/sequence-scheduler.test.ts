import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SequenceScheduler } from './sequence-scheduler.ts';
import type { SequenceSettings, SequenceStrategy } from './sequence-settings.ts';
import type { SequenceTurns } from './sequence-turns.ts';

interface Item {
  readonly id: number;
  readonly at: number;
}
interface Instance {
  readonly name: string;
}

const direct: SequenceStrategy = { kind: 'direct', queueDelayMs: 0, leastUtilization: 0 };
const usual: SequenceSettings = { strategy: direct, slots: 2, maxRows: 2, maxBytes: 100, idleMs: 1000 };
const [a, b]: [Instance, Instance] = [{ name: 'a' }, { name: 'b' }];

function start(settings: Partial<SequenceSettings> = {}) {
  const scheduler = new SequenceScheduler<Item, Instance>({ ...usual, ...settings });
  let at = 0;
  const offer = (id: number, flags: { start?: boolean; end?: boolean; byteSize?: number; nowMs?: number } = {}) => {
    const item = { id, at: at++ };
    const { nowMs = 0, ...request } = { start: false, end: false, byteSize: 1, ...flags };
    return { item, taken: scheduler.offer(item, { id: BigInt(id), ...request }, nowMs) };
  };
  return { scheduler, offer };
}

/** What leaves, as words: instance and requests, `+` for a START, `-` for an END. */
function words(turns: SequenceTurns<Item, Instance>): string {
  if ('askAgainMs' in turns) return `ask at ${turns.askAgainMs}`;
  const requests = turns.turns.map(({ id, start: first, end }) => `${first ? '+' : ''}${id}${end ? '-' : ''}`);
  return `${turns.instance.name}: ${requests.join(' ')}`;
}

function itemsOf(turns: SequenceTurns<Item, Instance>): Item[] {
  return 'askAgainMs' in turns ? [] : turns.turns.map(({ item }) => item);
}

describe('a sequence', () => {
  test('begins with a START and is known until its END', () => {
    const { scheduler, offer } = start();
    assert.equal(offer(1).taken, false);
    assert.equal(offer(1, { start: true }).taken, true);
    assert.equal(offer(1).taken, true);
    assert.equal(offer(1, { end: true }).taken, true);
    assert.equal(offer(1).taken, false);
    assert.equal(scheduler.size, 3);
  });

  test('has one request in a batch, and the next goes when that is answered', () => {
    const { scheduler, offer } = start();
    const first = offer(1, { start: true });
    offer(1);
    offer(2, { start: true });
    assert.equal(words(scheduler.next([a], 0)), 'a: +1 +2');
    assert.equal(words(scheduler.next([a], 0)), 'ask at Infinity');
    scheduler.answered(first.item, 0);
    assert.equal(words(scheduler.next([a], 0)), 'a: 1');
  });

  test('stays with its instance, though another is free', () => {
    const { scheduler, offer } = start();
    const first = offer(1, { start: true });
    scheduler.next([a], 0);
    scheduler.answered(first.item, 0);
    offer(1);
    assert.equal(words(scheduler.next([b], 0)), 'ask at Infinity');
    assert.equal(words(scheduler.next([b, a], 0)), 'a: 1');
  });

  test('that begins when all slots are taken waits for one that ends', () => {
    const { scheduler, offer } = start({ slots: 1 });
    const [ending] = [offer(1, { start: true, end: true }), offer(2, { start: true }), offer(3, { start: true })];
    assert.equal(words(scheduler.next([a], 0)), 'a: +1-');
    assert.equal(words(scheduler.next([a], 0)), 'ask at Infinity');
    scheduler.answered((ending as { item: Item }).item, 0);
    assert.equal(words(scheduler.next([a], 0)), 'a: +2');
  });

  test('goes to the instance with the fewest sequences', () => {
    const { scheduler, offer } = start();
    for (const id of [1, 2, 3, 4]) offer(id, { start: true });
    assert.equal(words(scheduler.next([a, b], 0)), 'a: +1 +3');
    assert.equal(words(scheduler.next([b], 0)), 'b: +2 +4');
  });

  test('is over when nothing was heard of it for the idle time, and its instance is told', () => {
    const { scheduler, offer } = start({ slots: 1 });
    const first = offer(1, { start: true });
    scheduler.next([a], 0);
    scheduler.answered(first.item, 10);
    offer(2, { start: true, nowMs: 20 });
    assert.equal(words(scheduler.next([a], 1009)), 'ask at 1010');
    assert.equal(scheduler.holds(1n), true);
    const next = scheduler.next([a], 1010);
    assert.equal(words(next), 'a: +2');
    assert.deepEqual('released' in next && next.released, [1]);
    assert.equal(scheduler.holds(1n), false);
  });

  test('is not over as long as a request of it waits or is computed', () => {
    const { scheduler, offer } = start();
    const first = offer(1, { start: true });
    scheduler.next([a], 0);
    assert.equal(words(scheduler.next([a], 9999)), 'ask at Infinity');
    assert.equal(scheduler.holds(1n), true);
    scheduler.answered(first.item, 9999);
    assert.equal(words(scheduler.next([a], 9999)), 'ask at 10999');
  });

  test('begins with the request behind a START that was given up, and ends with an END that was', () => {
    const { scheduler, offer } = start();
    const first = offer(1, { start: true });
    assert.equal(scheduler.remove(first.item, 0), true);
    offer(1);
    const last = offer(1, { end: true });
    const next = scheduler.next([a], 0);
    assert.equal(words(next), 'a: +1');
    scheduler.remove(last.item, 0);
    for (const item of itemsOf(next)) scheduler.answered(item, 0);
    const other = offer(2, { start: true });
    const released = scheduler.next([a], 0);
    assert.deepEqual('released' in released && released.released, [1]);
    assert.ok(other.taken);
  });

  test('that begins anew within its slot says so with that request', () => {
    const { scheduler, offer } = start();
    const first = offer(1, { start: true });
    offer(1, { start: true });
    scheduler.next([a], 0);
    scheduler.answered(first.item, 0);
    assert.equal(words(scheduler.next([a], 0)), 'a: +1');
  });

  test('is lost with its instance, and one of which that had nothing begins elsewhere, before others', () => {
    const { scheduler, offer } = start({ maxRows: 1 });
    offer(1, { start: true });
    const waiting = offer(1);
    offer(2, { start: true });
    scheduler.next([a], 0);
    offer(3, { start: true });
    assert.deepEqual(scheduler.lose(a), [{ id: 1n, open: true, waiting: [waiting.item] }]);
    assert.equal(scheduler.holds(1n), false);
    assert.equal(words(scheduler.next([b], 0)), 'b: +2');
    assert.equal(scheduler.size, 1);
  });

  test('whose batch was never begun goes again as it was, before what came behind', () => {
    const { scheduler, offer } = start();
    const first = offer(1, { start: true });
    offer(1, { end: true });
    scheduler.next([a], 0);
    assert.equal(scheduler.bounced(first.item), true);
    assert.equal(words(scheduler.next([a], 0)), 'a: +1');
  });
});

describe('a batch', () => {
  test('of direct waits for the least utilization of the slots, or for the delay', () => {
    const strategy: SequenceStrategy = { kind: 'direct', queueDelayMs: 10, leastUtilization: 0.5 };
    const { scheduler, offer } = start({ strategy, slots: 4, maxRows: 4 });
    offer(1, { start: true });
    assert.equal(words(scheduler.next([a], 3)), 'ask at 10');
    offer(2, { start: true, nowMs: 4 });
    assert.equal(words(scheduler.next([a], 4)), 'a: +1 +2');
    offer(3, { start: true, nowMs: 5 });
    assert.equal(words(scheduler.next([a], 15)), 'a: +3');
  });

  test('of oldest has a preferred size, or waits for the delay, and takes who waits longest', () => {
    const strategy: SequenceStrategy = { kind: 'oldest', queueDelayMs: 10, preferredRows: [2] };
    const { scheduler, offer } = start({ strategy, slots: 8, maxRows: 4 });
    for (const id of [1, 2, 3]) offer(id, { start: true, nowMs: id });
    assert.equal(words(scheduler.next([a], 3)), 'a: +1 +2');
    assert.equal(words(scheduler.next([a], 4)), 'ask at 13');
    assert.equal(words(scheduler.next([a], 13)), 'a: +3');
  });

  test('has no more bytes than it may, and one request at least', () => {
    const { scheduler, offer } = start({ maxRows: 8, slots: 8, maxBytes: 10 });
    for (const id of [1, 2, 3]) offer(id, { start: true, byteSize: 6 });
    for (const id of [1, 2, 3]) assert.equal(words(scheduler.next([a], 0)), `a: +${id}`);
  });
});

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('offer' as const),
        id: fc.nat(7),
        start: fc.boolean(),
        end: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('dispatch' as const), free: fc.subarray([0, 1]) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('answer' as const, 'bounce' as const), pick: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), pick: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), instance: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(1500) }) },
  ),
  { maxLength: 80 },
);

test('whatever happens: order is kept, a batch has one of a sequence, slots are not exceeded, and nobody starves', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3 }), (history, slots) => {
      const instances = [a, b];
      const scheduler = new SequenceScheduler<Item, Instance>({ ...usual, slots, maxRows: slots });
      let [nowMs, at] = [0, 0];
      const waiting = new Set<Item>();
      /** Batches on their way, in the order in which they went. */
      const sent: { instance: Instance; items: Item[]; numbers: number[]; unknown: boolean[] }[] = [];
      /** By its number: where a sequence runs, and its last request there. */
      const runs = new Map<number, { instance: Instance; last: number; ended: boolean }>();
      const dispatch = (free: readonly Instance[]): boolean => {
        const next = scheduler.next(free, nowMs);
        if ('askAgainMs' in next) return false;
        for (const number of next.released) runs.delete(number);
        const unknown = next.turns.map(({ number }) => !runs.has(number));
        for (const { item, number, start: first, end } of next.turns) {
          const before = runs.get(number);
          assert.ok(waiting.delete(item));
          assert.ok(before !== undefined || first, 'a sequence begins with a START');
          assert.ok(before === undefined || before.instance === next.instance, 'it stays with its instance');
          assert.ok((before?.last ?? -1) < item.at, 'its requests go in their order');
          runs.set(number, { instance: next.instance, last: item.at, ended: end });
        }
        const numbers = next.turns.map(({ number }) => number);
        assert.equal(new Set(numbers).size, numbers.length);
        assert.ok(numbers.length <= slots);
        for (const batch of sent) assert.ok(!numbers.some((number) => batch.numbers.includes(number)));
        sent.push({ instance: next.instance, items: next.turns.map(({ item }) => item), numbers, unknown });
        const live = [...runs.values()].filter(({ instance }) => instance === next.instance);
        assert.ok(live.length <= slots, `${live.length} sequences in ${slots} slots`);
        return true;
      };
      const finish = (index: number, how: 'answer' | 'bounce'): void => {
        const [batch] = sent.splice(index, 1);
        for (const [position, item] of (batch?.items ?? []).entries()) {
          const number = batch?.numbers[position] as number;
          if (how === 'answer') {
            scheduler.answered(item, nowMs);
            if (runs.get(number)?.ended === true) runs.delete(number);
          } else if (scheduler.bounced(item)) {
            waiting.add(item);
            const run = runs.get(number);
            // What its instance has never begun takes no slot there.
            if (batch?.unknown[position] === true) runs.delete(number);
            else if (run !== undefined) runs.set(number, { ...run, last: item.at - 1, ended: false });
          }
        }
      };
      for (const step of history) {
        if (step.do === 'offer') {
          const item = { id: step.id, at: at++ };
          const known = scheduler.holds(BigInt(step.id));
          const taken = scheduler.offer(item, { ...step, id: BigInt(step.id), byteSize: 1 }, nowMs);
          assert.equal(taken, known || step.start);
          if (taken) waiting.add(item);
        } else if (step.do === 'dispatch') dispatch(step.free.map((index) => instances[index] as Instance));
        else if (step.do === 'remove') {
          const item = [...waiting][step.pick];
          if (item !== undefined) assert.equal(scheduler.remove(item, nowMs), waiting.delete(item));
        } else if (step.do === 'lose') {
          const instance = instances[step.instance] as Instance;
          for (const { waiting: items } of scheduler.lose(instance)) for (const item of items) waiting.delete(item);
          for (const [number, run] of runs) if (run.instance === instance) runs.delete(number);
        } else if (step.do === 'pass') nowMs += step.ms;
        else if (sent.length > 0) finish(step.pick % sent.length, step.do);
        assert.equal(scheduler.size, waiting.size);
      }
      // When all instances answer, everybody's turn comes, of those who wait for a slot after the idle time.
      for (let round = 0; round < 500 && waiting.size > 0; round += 1) {
        while (dispatch(instances));
        while (sent.length > 0) finish(0, 'answer');
        nowMs += usual.idleMs;
      }
      assert.equal(waiting.size, 0);
      assert.equal(scheduler.byteSize, 0);
    }),
    { numRuns: 2000 },
  );
});
