import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deferred, greedy, LatencyProfile } from '@weft/flow';
import { BatchKind, BatchKinds, type KindSettings } from './batch-kinds.ts';
import { type Company, ordinaryCompany, type PendingCall } from './pending-call.ts';
import { pendingCall } from '../testing/pending-calls.ts';

const profile = new LatencyProfile(4, [{ rows: 1, ms: 10 }]);
const settings: KindSettings = {
  policy: greedy,
  maxRows: 4,
  maxBytes: 1000,
  objectiveMs: undefined,
  weightOf: () => 1,
};
const instances = { profile, fastest: profile, marginMs: 0, count: 1, free: 1, endsMs: () => [0] };

/** Kinds, and how to put calls into them. */
function start(given = settings) {
  const kinds = new BatchKinds();
  const of = (company: Company): BatchKind => kinds.of(company, () => new BatchKind(company, given, 0));
  const wait = (company: Company, count = 1, priority = 0): PendingCall[] =>
    Array.from({ length: count }, () => {
      const pending = pendingCall({ method: company.method }, { priority });
      pending.company = company;
      of(company).append(pending, 0, profile);
      return pending;
    });
  return { kinds, of, wait };
}

/** Serves the first in turn; the time of a batch is its kind's. */
function serve(kinds: BatchKinds, msOf: (kind: BatchKind) => number): BatchKind | undefined {
  const [kind] = kinds.inTurn();
  const { batch } = kind?.scheduler.turn(0, instances) ?? {};
  if (kind === undefined || batch === undefined) return undefined;
  kinds.charge(kind, { priority: (batch.items[0] as PendingCall).priority, ms: msOf(kind), nowMs: 0 });
  for (const pending of batch.items) pending.leave(kind);
  return kind;
}

const [embed, rank] = [ordinaryCompany('/a.B/Embed'), ordinaryCompany('/a.B/Rank')];
const passing = (key: string, fields: Partial<Company> = {}): Company => ({ ...embed, key, ...fields });

test('methods that both wait share instance time, whatever their batches take', () => {
  const times = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(times, times, (embedMs, rankMs) => {
      const { kinds, wait } = start();
      wait(embed, 240);
      wait(rank, 240);
      const spent = new Map([
        [embed, 0],
        [rank, 0],
      ]);
      const msOf = ({ company }: BatchKind): number => (company === embed ? embedMs : rankMs);
      for (let batch = 0; batch < 60; batch += 1) {
        const kind = serve(kinds, msOf) as BatchKind;
        spent.set(kind.company, (spent.get(kind.company) ?? 0) + msOf(kind));
      }
      const [first = 0, second = 0] = [...spent.values()];
      assert.ok(Math.abs(first - second) <= 2 * Math.max(embedMs, rankMs), `${first} and ${second}`);
    }),
    { numRuns: 40 },
  );
});

test('a method whose next call is of a lower class keeps a twentieth of the time', () => {
  const { kinds, wait } = start();
  wait(embed, 900, 0);
  wait(rank, 900, 1);
  const served = Array.from({ length: 200 }, () => serve(kinds, () => 10)?.company);
  assert.equal(served.filter((company) => company === rank).length, 10);
});

test('a method alone pays no more for its class, and owes nothing when a higher one comes', () => {
  const { kinds, wait } = start();
  wait(rank, 900, 1);
  for (let batch = 0; batch < 50; batch += 1) serve(kinds, () => 10);
  wait(embed, 900, 1);
  const served = Array.from({ length: 100 }, () => serve(kinds, () => 10)?.company);
  assert.equal(served.filter((company) => company === rank).length, 50);
});

test('a method that was silent has saved up nothing', () => {
  const { kinds, wait } = start();
  wait(embed, 900);
  wait(rank, 4);
  for (let batch = 0; batch < 100; batch += 1) serve(kinds, () => 10);
  wait(rank, 900);
  const served = Array.from({ length: 40 }, () => serve(kinds, () => 10)?.company);
  assert.equal(served.filter((company) => company === rank).length, 20);
});

test('calls that are sent again go first, whatever their method has had', () => {
  const { kinds, wait } = start();
  wait(embed, 8);
  wait(passing('again'), 1);
  wait(passing('alone', { alone: true }), 2);
  const served = Array.from({ length: 5 }, () => serve(kinds, () => 10)?.company.key);
  assert.deepEqual(served.slice(0, 3).sort(), ['again', 'alone', 'alone']);
  assert.deepEqual(served.slice(3), [embed.key, embed.key]);
});

test('passing kinds are forgotten when nothing waits in them, methods are not', () => {
  const { kinds, of, wait } = start();
  const [again, usual] = [of(passing('again')), of(embed)];
  assert.deepEqual(kinds.inTurn(), []);
  wait(passing('other'));
  assert.deepEqual(
    kinds.inTurn().map(({ company }) => company.key),
    ['other'],
  );
  assert.notEqual(of(passing('again')), again);
  assert.equal(of(embed), usual);
});

test('a kind gets the time that others leave, and no less than its turn gives it', () => {
  const { kinds, of, wait } = start();
  const share = (company: Company, nowMs: number): number => kinds.shareOf(of(company), 4, nowMs);
  assert.equal(share(rank, 0), 1);
  // For ten seconds one of four instances is busy with one method.
  for (let nowMs = 0; nowMs < 10_000; nowMs += 40) kinds.charge(of(embed), { priority: 0, ms: 40, nowMs });
  assert.ok(Math.abs(share(rank, 10_000) - 0.75) < 0.05);
  assert.equal(share(embed, 10_000), 1);
  for (let nowMs = 10_000; nowMs < 20_000; nowMs += 10) kinds.charge(of(embed), { priority: 0, ms: 40, nowMs });
  assert.equal(share(rank, 20_000), 0.5);
  wait(embed);
  wait(rank, 1, 1);
  assert.ok(Math.abs(share(rank, 20_000) - 0.05) < 0.01);
  assert.equal(share(embed, 20_000), 1);
  assert.ok(share(rank, 40_000) > 0.99);
});

test('two methods that are both overloaded admit together what fits', () => {
  const { kinds, of } = start();
  // One instance serves four in ten milliseconds, and twenty come, each to be answered within a hundred.
  let [refused, dropped, served] = [0, 0, 0];
  for (let nowMs = 0; nowMs < 10_000; nowMs += 1) {
    const endsMs = (): number[] => [10 * Math.ceil((nowMs + 1) / 10)];
    const known = (kind: BatchKind, free: number) => {
      return { ...instances, endsMs, free, share: kinds.shareOf(kind, 1, nowMs) };
    };
    for (const company of [embed, rank]) {
      const kind = of(company);
      const pending = pendingCall({ method: company.method }, { deadlineMs: nowMs + 100 });
      pending.company = company;
      if (kind.scheduler.admits(pending, nowMs, known(kind, 0))) kind.append(pending, nowMs, profile);
      else refused += 1;
    }
    let free = nowMs % 10 === 0 ? 1 : 0;
    for (const kind of kinds.inTurn()) {
      const { dropped: late, batch } = kind.scheduler.turn(nowMs, known(kind, free));
      for (const pending of [...late, ...(batch?.items ?? [])]) pending.leave(kind);
      dropped += late.length;
      if (batch === undefined) continue;
      served += batch.items.length;
      free = 0;
      kinds.charge(kind, { priority: 0, ms: 10, nowMs });
    }
  }
  assert.ok(served > 3800, `${served} served`);
  // A third, if each thought the instance its own.
  assert.ok(dropped < 0.05 * refused, `${dropped} dropped, ${refused} refused`);
});

test('calls that travel alone are one to a batch', () => {
  const { of, wait } = start();
  const alone = passing('alone', { alone: true });
  wait(alone, 3);
  assert.equal(of(alone).scheduler.turn(0, instances).batch?.items.length, 1);
});

test('calls that are sent again do not wait for company, whatever the policy', () => {
  const { of, wait } = start({ ...settings, policy: deferred });
  const companies = [embed, passing('again'), passing('alone', { alone: true })];
  for (const company of companies) wait(company);
  assert.deepEqual(
    companies.map((company) => of(company).scheduler.turn(0, instances).batch?.items.length),
    [undefined, 1, 1],
  );
});

test('what waits is counted over all kinds, and by class', () => {
  const { kinds, wait } = start();
  wait(embed, 3, 1);
  wait(rank, 2, 2);
  wait(passing('again'), 1, 1);
  assert.deepEqual([kinds.size, kinds.byteSize], [6, 6]);
  assert.deepEqual(
    [0, 1, 2].map((priority) => kinds.sizeOf(priority)),
    [0, 4, 2],
  );
});

test('a call that is withdrawn or taken out is nowhere any more', () => {
  const { kinds, wait } = start();
  const [first, second, third] = [...wait(embed, 2), ...wait(rank, 1)] as [PendingCall, PendingCall, PendingCall];
  assert.equal(first.cancel(), 'queued');
  assert.deepEqual([kinds.size, second.adrift], [2, false]);
  assert.deepEqual(kinds.takeAll(), [second, third]);
  assert.deepEqual([kinds.size, second.adrift, third.adrift, kinds.inTurn()], [0, true, true, []]);
});

test('what was put back and is taken out comes before those that came after it', () => {
  const { kinds, of, wait } = start();
  const calls = wait(embed, 6);
  const { batch } = of(embed).scheduler.turn(0, instances);
  assert.deepEqual(batch?.items, calls.slice(0, 4));
  for (const pending of batch?.items ?? []) pending.leave(of(embed));
  of(embed).putBack(batch?.items ?? [], 0, profile);
  assert.deepEqual(kinds.takeAll(), calls);
});
