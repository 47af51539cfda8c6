// Who gets how much of what leaves, whatever the policy and the sizes: nothing starves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adaptive, type BatchPolicy, deferred, delay, greedy } from './batch-policy.ts';
import { BatchScheduler } from './batch-scheduler.ts';
import type { Offered } from './offered.ts';
import { LatencyProfile } from './latency-profile.ts';

const maxRows = 16;
const profile = new LatencyProfile(
  maxRows,
  [1, 16].map((rows) => ({ rows, ms: 10 + rows })),
);
const policies: readonly BatchPolicy[] = [adaptive, deferred, greedy, delay({ queueDelayMs: 5, preferredRows: [8] })];

interface Sending {
  /** Of its items, in turn. */
  readonly sizes: readonly number[];
  readonly withinMs: number;
}

type Flow = Sending & Pick<Offered, 'priority' | 'tenant'>;

const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 7 });
const withinMs = fc.constantFrom(Number.POSITIVE_INFINITY, 1e7);

/** Keeps forty items of every flow waiting while 4000 rows leave; the rows that each got, in their order. */
function serve(flows: readonly Flow[], policy: BatchPolicy, weightOf?: (tenant: string) => number): number[] {
  const scheduler = new BatchScheduler<Offered>({ policy, maxRows, maxBytes: 1000, weightOf }, 0);
  const got = flows.map(() => 0);
  const flowOf = new Map<Offered, number>();
  let nowMs = 0;
  const offer = (at: number, number: number): void => {
    const { sizes: rowsOf, withinMs: within, priority, tenant } = flows[at] as Flow;
    const rows = rowsOf[number % rowsOf.length] as number;
    const item = { rows, byteSize: 1, deadlineMs: nowMs + within, priority, tenant };
    flowOf.set(item, at);
    scheduler.append(item, nowMs, profile);
  };
  for (const at of flows.keys()) for (let number = 0; number < 40; number += 1) offer(at, number);
  for (let number = 40, left = 4000; left > 0; nowMs += 1) {
    const free = { profile, fastest: profile, marginMs: 1, count: 1, free: 1, endsMs: () => [nowMs] };
    const { dropped, batch } = scheduler.turn(nowMs, free);
    assert.equal(dropped.length, 0);
    for (const item of batch?.items ?? []) {
      const at = flowOf.get(item) as number;
      got[at] = (got[at] as number) + item.rows;
      left -= item.rows;
      offer(at, number++);
    }
  }
  return got;
}

test('a lower class keeps its twentieth while higher ones would take all, and they take all the rest', () => {
  const flow = fc.record({ sizes, withinMs });
  fc.assert(
    fc.property(fc.array(flow, { minLength: 2, maxLength: 4 }), fc.constantFrom(...policies), (list, policy) => {
      const got = serve(
        list.map((one, priority) => ({ ...one, priority, tenant: 'a' })),
        policy,
      );
      for (const rows of got.slice(1)) assert.ok(rows >= 0.05 * 4000 - 16 && rows <= 0.05 * 4000 + 16, `${got}`);
    }),
    { numRuns: 25 },
  );
});

test('tenants of one class share by their weights, whatever sizes they send', () => {
  const weights = fc.constantFrom([3, 1], [1, 1, 1], [4, 2, 1, 0.5]);
  const kinds = fc.array(fc.record({ sizes, withinMs }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(weights, kinds, fc.constantFrom(...policies), (given, list, policy) => {
      const flows = given.map((_, at) => ({ ...(list[at] as Sending), priority: 0, tenant: `${at}` }));
      const got = serve(flows, policy, (tenant) => given[Number(tenant)] as number);
      const sum = given.reduce((total, weight) => total + weight, 0);
      for (const [at, weight] of given.entries()) {
        const share = (4000 * weight) / sum;
        assert.ok(Math.abs((got[at] as number) - share) <= 0.1 * share, `${got}`);
      }
    }),
    { numRuns: 25 },
  );
});

test('a tenant of a lower class gets its share of that class’s twentieth', () => {
  const flow = { sizes: [1, 3], withinMs: Number.POSITIVE_INFINITY };
  const [high = 0, a = 0, b = 0] = serve(
    [
      { ...flow, priority: 0, tenant: 'a' },
      { ...flow, priority: 1, tenant: 'a' },
      { ...flow, priority: 1, tenant: 'b' },
    ],
    greedy,
  );
  assert.ok(high >= 0.94 * 4000 && Math.abs(a - b) <= 6 && a + b >= 0.04 * 4000, `${[high, a, b]}`);
});
