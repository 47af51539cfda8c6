import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import { ManualClock } from '@weft/flow';
import fc from 'fast-check';
import { SlotQueue } from './slot-queue.ts';

function start(places: Readonly<Record<string, number>>, maxWaiting = 8) {
  const clock = new ManualClock();
  const queue = new SlotQueue<string>({ clock, model: 'm', maxWaiting });
  queue.setPlaces(new Map(Object.entries(places)));
  const applicant = (avoid?: string, deadlineMs = Number.POSITIVE_INFINITY, signal = new AbortController().signal) =>
    queue.acquire({ deadlineMs, signal, avoid });
  return { clock, queue, applicant };
}

test('a stream goes where the fewest slots are taken in proportion, and elsewhere than where it was lost', async () => {
  const { applicant } = start({ large: 4, small: 2 });
  const keys = [];
  for (let count = 0; count < 6; count++) keys.push((await applicant())?.key);
  assert.deepEqual(keys.toSorted(), ['large', 'large', 'large', 'large', 'small', 'small']);
  assert.notEqual(keys[0], keys[1]);
  const other = start({ a: 1, b: 1 });
  assert.equal((await other.applicant('a'))?.key, 'b');
  assert.equal((await other.applicant('b'))?.key, 'a');
});

test('of places that are as much taken the one with less other work is chosen', async () => {
  const load: Record<string, number> = { a: 2, b: 1, c: 2 };
  const queue = new SlotQueue<string>({
    ...{ clock: new ManualClock(), model: 'm', maxWaiting: 8 },
    loadOf: (key) => load[key] ?? 0,
  });
  queue.setPlaces(new Map(['a', 'b', 'c'].map((key) => [key, 2])));
  const next = () =>
    queue.acquire({ deadlineMs: Number.POSITIVE_INFINITY, signal: new AbortController().signal, avoid: undefined });
  assert.equal((await next())?.key, 'b');
  assert.deepEqual([(await next())?.key, (await next())?.key].sort(), ['a', 'c']);
  assert.equal((await next())?.key, 'b');
  assert.deepEqual([queue.openAt('a'), queue.openAt('b'), queue.full], [1, 2, false]);
  for (let count = 0; count < 2; count++) await next();
  assert.equal(queue.full, true);
});

test('who waits is served in order, when a slot is given back once', async () => {
  const { applicant, queue } = start({ a: 1 });
  const first = await applicant();
  const second = applicant();
  const third = applicant();
  assert.equal(queue.waiting, 2);
  first?.release();
  first?.release();
  assert.equal((await second)?.key, 'a');
  assert.equal(queue.waiting, 1);
  queue.setPlaces(new Map([['a', 2]]));
  assert.equal((await third)?.key, 'a');
});

test('the line is bounded, in length and by deadlines; who leaves it makes room', async () => {
  const { applicant, clock, queue } = start({ a: 1 }, 2);
  await applicant();
  const late = applicant(undefined, 100);
  const leaving = new AbortController();
  const gone = applicant(undefined, Number.POSITIVE_INFINITY, leaving.signal);
  await assert.rejects(applicant(), { code: 'RESOURCE_EXHAUSTED', message: /^Exceeds maximum queue size/ });
  leaving.abort(new WeftError('CANCELLED', 'left'));
  await assert.rejects(gone, { code: 'CANCELLED' });
  const expired = assert.rejects(late, { code: 'DEADLINE_EXCEEDED', message: /^Request timeout expired/ });
  clock.advance(100);
  await expired;
  assert.equal(queue.waiting, 0);
});

test('the line is bounded in bytes of what its streams have said, and who got a slot keeps none of them', async () => {
  const shed: string[] = [];
  const observer = { onShed: (reason: string) => void shed.push(reason) };
  const queue = new SlotQueue<string>({
    clock: new ManualClock(),
    model: 'm',
    maxWaiting: 8,
    maxWaitingBytes: 10,
    observer,
  });
  queue.setPlaces(new Map([['a', 1]]));
  const ask = (byteSize: number, tenant = '') =>
    queue.acquire({ deadlineMs: Number.POSITIVE_INFINITY, signal: new AbortController().signal, byteSize, tenant });
  const held = await ask(1000);
  const first = ask(6);
  const full = { code: 'RESOURCE_EXHAUSTED', message: /^Exceeds maximum queue size/ };
  await assert.rejects(ask(5), full);
  await assert.rejects(ask(11, 'other'), full);
  held?.release();
  await first;
  const second = ask(5);
  assert.deepEqual([queue.waiting, shed], [1, ['full', 'full']]);
  // Of two tenants the one that has more in the line makes room.
  const third = assert.rejects(ask(5), full);
  const others = ask(4, 'other');
  await third;
  assert.equal(queue.waiting, 2);
  for (const next of [first, second]) (await next)?.release();
  assert.equal((await others)?.key, 'a');
});

test('when the last place goes, nobody waits for it; what it gave counts for no later one', async () => {
  const { applicant, queue } = start({ a: 1 });
  const held = await applicant();
  const waiting = applicant();
  queue.setPlaces(new Map());
  assert.equal(await waiting, undefined);
  queue.setPlaces(new Map([['a', 1]]));
  held?.release();
  assert.equal((await applicant())?.key, 'a');
  assert.equal(queue.open, 1);
});

test('never more streams than slots, and none is lost, however they come and go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2), { maxLength: 60 }), async (steps) => {
      const { applicant, queue } = start({ a: 2, b: 1 }, 1000);
      const held: { release(): void }[] = [];
      const line: AbortController[] = [];
      for (const step of steps) {
        if (step === 0) {
          const leaving = new AbortController();
          line.push(leaving);
          applicant(undefined, Number.POSITIVE_INFINITY, leaving.signal).then(
            (lease) => void (lease && held.push(lease)),
            () => {},
          );
        } else if (step === 1) held.shift()?.release();
        else line.pop()?.abort(new WeftError('CANCELLED', ''));
        await Promise.resolve().then(() => {});
        assert.ok(queue.open <= 3);
      }
      for (let rounds = 0; rounds < steps.length; rounds++) {
        await new Promise(setImmediate);
        for (const lease of held.splice(0)) lease.release();
      }
      assert.deepEqual([queue.open, queue.waiting], [0, 0]);
    }),
    { numRuns: 50 },
  );
});
