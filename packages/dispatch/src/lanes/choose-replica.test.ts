import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Circuit, LatencyProfile } from '@weft/flow';
import { type Candidate, chooseReplica, toProbe, type Wanted } from './choose-replica.ts';

const maxRows = 16;
const nowMs = 10_000;

interface Named extends Candidate {
  readonly name: string;
}

/** A replica that takes `startMs` and one ms for each row, free with one credit since long ago, unless said otherwise. */
function replica(name: string, startMs: number, more: Partial<Candidate> = {}): Named {
  const profile = new LatencyProfile(
    maxRows,
    [1, 16].map((rows) => ({ rows, ms: startMs + rows })),
  );
  const defaults = { credits: 1, instances: 1, marginMs: 2, lastSentMs: 0, circuit: new Circuit() };
  return { name, ...defaults, profile: () => profile, endsMs: () => [0], ...more };
}

function open(sinceMs = nowMs): Circuit {
  const circuit = new Circuit();
  circuit.trip(sinceMs);
  return circuit;
}

const halfOpen = (): Circuit => open(0);

function wanted(more: Partial<Wanted> = {}): Wanted {
  return { method: 'm', waitingRows: 1, slackMs: Number.POSITIVE_INFINITY, avoid: undefined, nowMs, ...more };
}

const choose = (all: readonly Named[], more: Partial<Wanted> = {}) => chooseReplica(all, wanted(more));
const chosen = (all: readonly Named[], more: Partial<Wanted> = {}): string | undefined =>
  choose(all, more).replica?.name;
const probed = (all: readonly Named[], at = nowMs): string | undefined =>
  toProbe(all, { method: 'm', nowMs: at })?.name;

describe('the replica for the next batch', () => {
  test('is the fastest free one, by what waits', () => {
    const [a, b] = [replica('a', 20), replica('b', 9)];
    assert.equal(chosen([a, b]), 'b');
    assert.equal(chosen([a, replica('b', 9, { credits: 0 })]), 'a');
    // With sixteen rows another one is the faster.
    const steep = new LatencyProfile(
      maxRows,
      [1, 16].map((rows) => ({ rows, ms: 2 * rows })),
    );
    const c = replica('c', 0, { profile: () => steep });
    assert.deepEqual([chosen([a, c]), chosen([c, replica('d', 9)], { waitingRows: 16 })], ['c', 'd']);
  });

  test('is the one with most credits among those about as fast', () => {
    const more = { credits: 2 };
    assert.equal(chosen([replica('a', 9), replica('b', 11, more)]), 'b');
    assert.equal(chosen([replica('a', 9), replica('b', 13, more)]), 'a');
  });

  test('is the one that was idle longest among those with as many credits', () => {
    const at = (name: string, lastSentMs: number): Named => replica(name, 9, { lastSentMs });
    assert.equal(chosen([at('a', 500), at('b', 300), at('c', 400)]), 'b');
    assert.equal(chosen([at('a', 300), at('b', Number.NEGATIVE_INFINITY)]), 'b');
  });

  test('is none while none is free, or when there is none', () => {
    const busy = replica('a', 9, { credits: 0 });
    const choice = choose([busy]);
    assert.deepEqual([choice.replica, choice.instances?.free], [undefined, 0]);
    assert.deepEqual(choose([]), { replica: undefined, instances: undefined });
  });

  test('is chosen by its profile of the method', () => {
    const other = replica('x', 1).profile('');
    const usual = replica('x', 9).profile('');
    const a = replica('a', 0, { profile: (method) => (method === 'm' ? usual : other) });
    assert.deepEqual([chosen([a, replica('b', 5)]), chosen([a, replica('b', 5)], { method: 'n' })], ['b', 'a']);
  });
});

describe('a replica three times slower than the fastest', () => {
  const busy = replica('fast', 9, { credits: 0 });
  const slow = replica('slow', 30);
  // Of 16 rows it takes 100 ms, and the fast one 25.
  const much = replica('slow', 84);

  test('is passed over as long as waiting for a fast one takes less time', () => {
    assert.deepEqual([chosen([busy, slow]), choose([busy, slow]).instances?.free], [undefined, 0]);
    assert.equal(chosen([busy, replica('slow', 28)]), 'slow');
    assert.deepEqual(
      [16, 47, 49].map((waitingRows) => chosen([busy, much], { waitingRows })),
      [undefined, undefined, 'slow'],
    );
  });

  test('waits for as many fast ones as there are', () => {
    const more = [busy, replica('fast too', 9, { credits: 0, instances: 2 }), much];
    assert.deepEqual(
      [143, 145].map((waitingRows) => chosen(more, { waitingRows })),
      [undefined, 'slow'],
    );
  });

  test('gets nothing that it cannot answer in time', () => {
    assert.deepEqual(
      [101, 103].map((slackMs) => chosen([busy, much], { waitingRows: 160, slackMs })),
      [undefined, 'slow'],
    );
  });

  test('is not passed over when it is the fastest that is trusted', () => {
    assert.equal(chosen([replica('fast', 9, { circuit: open() }), slow]), 'slow');
    assert.equal(chosen([replica('fast', 9, { circuit: halfOpen() }), slow]), 'slow');
  });
});

describe('a replica that is not trusted', () => {
  test('gets nothing as long as another one is, even when that is busy', () => {
    const busy = replica('b', 9, { credits: 0 });
    for (const circuit of [open(), halfOpen()]) assert.equal(chosen([replica('a', 9, { circuit }), busy]), undefined);
  });

  test('is better than none', () => {
    assert.equal(chosen([replica('a', 9, { circuit: open() })]), 'a');
    const both = [replica('a', 20, { circuit: halfOpen() }), replica('b', 9, { circuit: open() })];
    assert.equal(chosen(both), 'b');
  });
});

describe('a replica that is to be avoided', () => {
  test('is not used as long as there is another that is trusted, even when that is busy', () => {
    const a = replica('a', 9);
    assert.equal(chosen([a, replica('b', 29)], { avoid: a }), 'b');
    assert.equal(chosen([a, replica('b', 9, { credits: 0 })], { avoid: a }), undefined);
  });

  test('is used when there is no other, or only ones that are not trusted', () => {
    const a = replica('a', 9);
    assert.equal(chosen([a], { avoid: a }), 'a');
    assert.equal(chosen([a, replica('b', 9, { circuit: open() })], { avoid: a }), 'a');
  });
});

describe('what the scheduler may count on', () => {
  test('is the profile and the margin of the chosen one, and of the fastest when none is free', () => {
    const [a, b] = [replica('a', 9, { credits: 0, marginMs: 5 }), replica('b', 20, { marginMs: 7 })];
    const told = (all: readonly Named[]): unknown[] => {
      const { profile, fastest, marginMs } = choose(all).instances ?? {};
      const nameOf = (one: LatencyProfile | undefined): unknown => all.find((each) => each.profile('') === one)?.name;
      return [nameOf(profile), nameOf(fastest), marginMs];
    };
    assert.deepEqual(told([a, b]), ['b', 'a', 7]);
    assert.deepEqual(told([a, { ...b, credits: 0 }]), ['a', 'a', 5]);
  });

  test('is every credit of those that would be chosen, but none of those that are passed over', () => {
    const all = [replica('a', 9, { credits: 2 }), replica('b', 19, { credits: 3 }), replica('c', 90, { credits: 4 })];
    assert.equal(choose(all).instances?.free, 5);
  });

  test('is all instances by their speed, in units of the one that is chosen', () => {
    const [a, b] = [replica('a', 9, { instances: 2, credits: 0 }), replica('b', 19, { instances: 3 })];
    // One row takes 10 ms, or 20: two and three halves of the fast ones, twice as many of the slow.
    const count = (...all: readonly Named[]): number => Number(choose(all).instances?.count.toFixed(6));
    assert.equal(count(a, b), 7);
    assert.equal(count({ ...a, credits: 1 }, b), 3.5);
    assert.equal(count(a, b, replica('slow', 900, { instances: 50 })), 7);
  });

  test('is when each instance becomes free, in order, without those that are passed over', () => {
    const all = [
      replica('a', 9, { endsMs: () => [30, 10] }),
      replica('b', 19, { endsMs: () => [20] }),
      replica('c', 90, { endsMs: () => [1] }),
      replica('d', 9, { endsMs: () => [2], circuit: open() }),
    ];
    assert.deepEqual(choose(all).instances?.endsMs(), [10, 20, 30]);
  });
});

describe('a copy goes to', () => {
  const usual = replica('usual', 9);

  test('a replica whose circuit is half-open, once', () => {
    const circuit = halfOpen();
    const doubtful = replica('doubtful', 9, { circuit });
    assert.equal(probed([usual, doubtful]), 'doubtful');
    circuit.take(nowMs);
    assert.equal(probed([usual, doubtful]), undefined);
    assert.equal(probed([usual, replica('out', 9, { circuit: open() })]), undefined);
  });

  test('a replica that is passed over for its slowness, once a second', () => {
    const slow = (lastSentMs: number): Named => replica('slow', 30, { lastSentMs });
    assert.equal(probed([usual, slow(nowMs - 1000)]), 'slow');
    assert.equal(probed([usual, slow(nowMs - 999)]), undefined);
    assert.equal(probed([usual, slow(Number.NEGATIVE_INFINITY)]), 'slow');
    assert.equal(probed([usual, replica('not so slow', 20, { lastSentMs: 0 })]), undefined);
  });

  test('nobody that has no credit', () => {
    const none = { credits: 0 };
    assert.equal(
      probed([usual, replica('slow', 90, none), replica('a', 9, { circuit: halfOpen(), ...none })]),
      undefined,
    );
    assert.equal(probed([]), undefined);
  });
});
