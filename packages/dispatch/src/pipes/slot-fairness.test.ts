import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@weft/flow';
import { parseConfigText, schedulingOf } from '@weft/models';
import fc from 'fast-check';
import { type Lease, SlotQueue } from './slot-queue.ts';

const forever = Number.POSITIVE_INFINITY;

/** Streams of tenants, each with the slot it holds or waiting for one. */
function start(slots: number, config = '') {
  const clock = new ManualClock();
  const scheduling = schedulingOf(parseConfigText(config));
  const queue = new SlotQueue<string>({ clock, model: 'm', maxWaiting: 1000, scheduling });
  queue.setPlaces(new Map([['a', slots]]));
  const held = new Map<string, Lease<string>[]>();
  /** Who got a slot, in order. */
  const granted: string[] = [];
  const ask = (tenant: string, more: { readonly priority?: number; readonly sinceMs?: number } = {}): void =>
    void queue.acquire({ deadlineMs: forever, signal: new AbortController().signal, tenant, ...more }).then((lease) => {
      if (lease === undefined) return;
      granted.push(tenant);
      held.set(tenant, [...(held.get(tenant) ?? []), lease]);
    });
  const holds = (tenant: string): number => held.get(tenant)?.length ?? 0;
  const settled = (): Promise<void> => new Promise(setImmediate);
  /** One stream of the tenant ends, if it has one. */
  const end = async (tenant: string): Promise<void> => {
    held.get(tenant)?.shift()?.release();
    await settled();
  };
  return { queue, granted, ask, holds, end, settled };
}

const times = (count: number, act: () => void): void => {
  for (let index = 0; index < count; index++) act();
};

test('a tenant of endless streams gets no new slot while it has its share and another one waits', async () => {
  const { ask, holds, end, settled, granted } = start(64);
  times(200, () => ask('flood'));
  await settled();
  assert.equal(holds('flood'), 64);
  times(100, () => ask('other'));
  granted.length = 0;
  // What streams of the flood end, the other one gets until both have as many.
  for (let ended = 0; ended < 32; ended++) await end('flood');
  assert.deepEqual([holds('flood'), holds('other'), new Set(granted)], [32, 32, new Set(['other'])]);
  // And what short streams give back stays with them, however many others wait.
  for (let ended = 0; ended < 68; ended++) await end('other');
  assert.deepEqual([holds('flood'), holds('other')], [32, 32]);
  for (let ended = 0; ended < 32; ended++) await end('other');
  assert.deepEqual([holds('flood'), holds('other')], [64, 0]);
});

test('tenants share by their weights, in slots and, where there is only one, in turns', async () => {
  const weights = 'parameters { key: "weft.tenant_weights" value { string_value: "big=3" } }';
  const many = start(8, weights);
  times(50, () => many.ask('small'));
  times(50, () => many.ask('big'));
  for (let ended = 0; ended < 6; ended++) {
    await many.settled();
    await many.end('small');
  }
  assert.deepEqual([many.holds('big'), many.holds('small')], [6, 2]);
  const one = start(1, weights);
  times(60, () => one.ask('small'));
  times(60, () => one.ask('big'));
  await one.settled();
  for (let ended = 0; ended < 40; ended++) await one.end(one.granted.at(-1) ?? '');
  const big = one.granted.slice(1).filter((tenant) => tenant === 'big').length;
  assert.ok(Math.abs(big - 30) <= 1, `${big} of 40`);
});

test('a higher class goes first, as the model has levels; in a class and tenant who asked first', async () => {
  const { queue, ask, end, settled, granted } = start(1);
  ask('held');
  await settled();
  ask('low', { priority: 3 });
  ask('late', { sinceMs: 5 });
  ask('late', { sinceMs: 4 });
  ask('high', { priority: 1 });
  await end('held');
  for (const tenant of ['high', 'late', 'late']) await end(tenant);
  assert.deepEqual(granted, ['held', 'high', 'late', 'late', 'low']);
  ask('first', { priority: 3 });
  ask('second', { priority: 1 });
  const levels = 'dynamic_batching { priority_levels: 1 default_priority_level: 1 }';
  queue.reschedule(schedulingOf(parseConfigText(levels)));
  await end('low');
  assert.equal(granted.at(-1), 'first');
});

test('when the line is full, the tenant that has most in it makes room, and nobody else', async () => {
  const clock = new ManualClock();
  const queue = new SlotQueue<string>({ clock, model: 'm', maxWaiting: 4 });
  queue.setPlaces(new Map([['a', 1]]));
  const told: string[] = [];
  const leases: Lease<string>[] = [];
  const ask = (tenant: string): void =>
    void queue.acquire({ deadlineMs: forever, signal: new AbortController().signal, tenant }).then(
      (lease) => void (lease && leases.push(lease) && told.push(`${tenant} OK`)),
      ({ code }: { readonly code: string }) => void told.push(`${tenant} ${code}`),
    );
  for (const tenant of ['held', 'flood', 'flood', 'flood', 'flood', 'flood', 'other', 'other', 'other']) ask(tenant);
  await new Promise(setImmediate);
  // At the door, twice to make room, and at the door: both have two by then.
  const refused = ['flood', 'flood', 'flood', 'other'].map((tenant) => `${tenant} RESOURCE_EXHAUSTED`);
  assert.deepEqual(told.splice(0).toSorted(), [...refused, 'held OK'].toSorted());
  assert.equal(queue.waiting, 4);
  for (let ended = 0; ended < 4; ended++) {
    leases[ended]?.release();
    await new Promise(setImmediate);
  }
  assert.deepEqual(told.toSorted(), ['flood OK', 'flood OK', 'other OK', 'other OK']);
});

test('whatever comes and goes: nobody gets a slot above its share while one below its own waits, and no slot is idle', async () => {
  const tenants = ['a', 'b', 'c'] as const;
  const step = fc.record({ ask: fc.boolean(), tenant: fc.constantFrom(...tenants) });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 120 }), async (slots, steps) => {
      const { queue, granted, ask, holds, end, settled } = start(slots);
      const asked = { a: 0, b: 0, c: 0 };
      for (const { ask: asks, tenant } of steps) {
        const got = granted.length;
        const before = tenants.map((one) => ({
          one,
          waiting: asked[one] - granted.filter((name) => name === one).length,
          held: holds(one) - (!asks && one === tenant && holds(one) > 0 ? 1 : 0),
        }));
        if (asks) {
          asked[tenant] += 1;
          ask(tenant);
          await settled();
        } else await end(tenant);
        const open = tenants.reduce((sum, one) => sum + holds(one), 0);
        assert.equal(queue.open, open);
        assert.equal(open === slots || queue.waiting === 0, true);
        // Only what had waited before is a choice.
        const chosen = before.filter(({ one, waiting }) => waiting > 0 && granted.slice(got).includes(one));
        const active = before.filter(({ waiting, held }) => waiting > 0 || held > 0).length;
        for (const { held } of chosen)
          for (const other of before.filter(({ waiting }) => waiting > 0))
            assert.ok(
              held < slots / active || other.held >= slots / active,
              `${held} before ${other.held} of ${slots}`,
            );
      }
    }),
    { numRuns: 100 },
  );
});
