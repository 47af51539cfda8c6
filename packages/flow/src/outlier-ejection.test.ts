import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OutlierEjection } from './outlier-ejection.ts';

interface Replica {
  readonly name: string;
}

function replicas(count: number): Replica[] {
  return Array.from({ length: count }, (_, at) => ({ name: 'abcdefgh'[at] ?? '' }));
}

/** Reports `failures` of `requests` for each, in turns, so that all have as many at any time. */
function report(
  ejection: OutlierEjection<Replica>,
  outcomes: ReadonlyMap<Replica, { readonly requests: number; readonly failures: number }>,
  nowMs: number,
): void {
  const most = Math.max(...[...outcomes.values()].map(({ requests }) => requests));
  for (let turn = 0; turn < most; turn += 1)
    for (const [replica, { requests, failures }] of outcomes)
      if (turn < requests) ejection.report(replica, { failed: turn < failures }, nowMs);
}

const names = (ejected: readonly Replica[]): string => ejected.map(({ name }) => name).join('');

test('the one that fails while the others do not is ejected, once', () => {
  const [a, b, c] = replicas(3) as [Replica, Replica, Replica];
  const ejection = new OutlierEjection<Replica>();
  report(ejection, new Map([a, b, c].map((one) => [one, { requests: 10, failures: one === b ? 5 : 0 }])), 0);
  assert.equal(names(ejection.verdict([a, b, c], 0)), 'b');
  assert.equal(names(ejection.verdict([a, b, c], 0)), '');
});

test('four failures are too few, and five spread over more than the window too', () => {
  const [a, b] = replicas(2) as [Replica, Replica];
  const ejection = new OutlierEjection<Replica>();
  for (const nowMs of [0, 3000, 6000, 9000]) {
    ejection.report(a, { failed: true }, nowMs);
    ejection.report(b, { failed: false }, nowMs);
  }
  assert.equal(names(ejection.verdict([a, b], 9000)), '');
  ejection.report(a, { failed: true }, 12_000);
  assert.equal(names(ejection.verdict([a, b], 12_000)), '');
  ejection.report(a, { failed: true }, 12_000);
  assert.equal(names(ejection.verdict([a, b], 12_000)), 'a');
});

test('a share of failures is judged by how far it is above the mean of the others', () => {
  const [a, b, c] = replicas(3) as [Replica, Replica, Replica];
  const verdict = (...failures: readonly [number, number, number]): string => {
    const ejection = new OutlierEjection<Replica>();
    report(ejection, new Map([a, b, c].map((one, at) => [one, { requests: 100, failures: failures[at] ?? 0 }])), 0);
    return names(ejection.verdict([a, b, c], 0));
  };
  assert.equal(verdict(30, 0, 0), 'a');
  assert.equal(verdict(29, 0, 0), '');
  assert.equal(verdict(0, 95, 60), 'b');
  assert.equal(verdict(50, 20, 25), '');
});

test('beside others that got no work, only who fails nearly always is ejected', () => {
  const [a, b] = replicas(2) as [Replica, Replica];
  const verdict = (requests: number, failures: number): string => {
    const ejection = new OutlierEjection<Replica>();
    report(ejection, new Map([[a, { requests, failures }]]), 0);
    return names(ejection.verdict([a, b], 0));
  };
  assert.equal(verdict(5, 5), 'a');
  assert.equal(verdict(20, 15), '');
});

test('whoever poisons all alike ejects nobody', () => {
  const rounds = fc.array(fc.boolean(), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), rounds, fc.integer({ min: 0, max: 3000 }), (count, fails, pauseMs) => {
      const members = replicas(count);
      const ejection = new OutlierEjection<Replica>();
      for (const [round, failed] of fails.entries()) {
        for (const member of members) {
          ejection.report(member, { failed }, round * pauseMs);
          assert.deepEqual(ejection.verdict(members, round * pauseMs), []);
        }
      }
    }),
  );
});

test('over any history at most half are out, the ejected had failed five times, and none is named twice', () => {
  const event = fc.record({
    member: fc.integer({ min: 0, max: 7 }),
    failed: fc.boolean(),
    pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2000 })),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(event, { maxLength: 300 }), (count, events) => {
      const members = replicas(count);
      const ejection = new OutlierEjection<Replica>();
      const out = new Set<Replica>();
      const failures = new Map<Replica, number[]>();
      let nowMs = 0;
      for (const { member: at, failed, pauseMs } of events) {
        nowMs += pauseMs;
        const member = members[at % count] as Replica;
        ejection.report(member, { failed }, nowMs);
        failures.set(member, [...(failures.get(member) ?? []), ...(failed ? [nowMs] : [])]);
        if (!failed) out.delete(member);
        for (const ejected of ejection.verdict(members, nowMs)) {
          assert.ok(!out.has(ejected));
          assert.ok((failures.get(ejected) ?? []).filter((failedMs) => failedMs > nowMs - 10_000).length >= 5);
          out.add(ejected);
        }
        assert.ok(out.size <= Math.floor(count / 2));
      }
    }),
  );
});

test('of more than half that stand out, the worst are ejected', () => {
  const members = replicas(8);
  const ejection = new OutlierEjection<Replica>();
  const failures = [95, 100, 96, 98, 97, 0, 0, 0];
  report(ejection, new Map(members.map((one, at) => [one, { requests: 100, failures: failures[at] ?? 0 }])), 0);
  assert.equal(names(ejection.verdict(members, 0)), 'bdec');
  assert.equal(names(ejection.verdict(members, 0)), '');
});

test('a single replica is never ejected', () => {
  const members = replicas(1);
  const ejection = new OutlierEjection<Replica>();
  report(ejection, new Map(members.map((one) => [one, { requests: 100, failures: 100 }])), 0);
  assert.deepEqual(ejection.verdict(members, 0), []);
});

test('a success ends the ejection, and what failed before it is forgotten', () => {
  const [a, b] = replicas(2) as [Replica, Replica];
  const ejection = new OutlierEjection<Replica>();
  const failAll = (): void =>
    report(
      ejection,
      new Map([
        [a, { requests: 5, failures: 5 }],
        [b, { requests: 5, failures: 0 }],
      ]),
      0,
    );
  failAll();
  assert.equal(names(ejection.verdict([a, b], 0)), 'a');
  ejection.report(a, { failed: false }, 1000);
  assert.equal(names(ejection.verdict([a, b], 1000)), '');
  failAll();
  assert.equal(names(ejection.verdict([a, b], 1000)), 'a');
});

test('who is forgotten is out no longer and makes room for another', () => {
  const members = replicas(2);
  const [a, b] = members as [Replica, Replica];
  const ejection = new OutlierEjection<Replica>();
  report(
    ejection,
    new Map([
      [a, { requests: 5, failures: 5 }],
      [b, { requests: 5, failures: 0 }],
    ]),
    0,
  );
  assert.equal(names(ejection.verdict(members, 0)), 'a');
  report(ejection, new Map([[b, { requests: 20, failures: 20 }]]), 0);
  assert.equal(names(ejection.verdict(members, 0)), '');
  ejection.forget(a);
  assert.equal(names(ejection.verdict(members, 0)), 'b');
});
