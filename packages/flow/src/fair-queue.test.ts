import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FairQueue } from './fair-queue.ts';
import type { Waiting } from './waiting.ts';

interface Numbered extends Waiting {
  readonly number: number;
}

const anything = fc
  .array(
    fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      byteSize: fc.nat(99),
      dueMs: fc.nat(5),
      deadlined: fc.boolean(),
      priority: fc.nat(2),
      tenant: fc.constantFrom('a', 'b', 'c'),
    }),
  )
  .map((items) =>
    items.map(({ deadlined, ...item }, number): Numbered => {
      return { ...item, number, sinceMs: number, deadlineMs: deadlined ? item.dueMs : Number.POSITIVE_INFINITY };
    }),
  );

function waiting(number: number, more: Partial<Waiting> = {}): Numbered {
  return { number, rows: 1, byteSize: 1, deadlineMs: 9, dueMs: 9, sinceMs: 0, priority: 0, tenant: 'a', ...more };
}

function filled(items: readonly Numbered[], weightOf?: (tenant: string) => number): FairQueue<Numbered> {
  const queue = new FairQueue<Numbered>(weightOf);
  for (const item of items) queue.append(item);
  return queue;
}

function takeAll(queue: FairQueue<Numbered>, most = Number.POSITIVE_INFINITY): Numbered[] {
  const taken: Numbered[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    taken.push(next);
    if (taken.length >= most) break;
  }
  return taken;
}

test('everything comes out once; of one tenant and class by due time, then in the order in which it came', () => {
  fc.assert(
    fc.property(anything, (items) => {
      const queue = filled(items);
      const taken = takeAll(queue);
      assert.equal(new Set(taken).size, items.length);
      for (const priority of [0, 1, 2])
        for (const tenant of ['a', 'b', 'c']) {
          const order = taken.filter((item) => item.priority === priority && item.tenant === tenant);
          assert.deepEqual(
            order,
            [...order].sort((a, b) => a.dueMs - b.dueMs || a.number - b.number),
          );
        }
      assert.deepEqual([queue.size, queue.rows, queue.byteSize], [0, 0, 0]);
    }),
  );
});

test('who left is not served, and what is left is counted and known by its due time', () => {
  fc.assert(
    fc.property(anything, fc.func(fc.boolean()), (items, leaves) => {
      const queue = filled(items);
      const gone = items.filter((item) => leaves(item.number));
      for (const item of gone) assert.deepEqual([queue.remove(item), queue.remove(item)], [true, false]);
      const rest = items.filter((item) => !gone.includes(item));
      assert.equal(
        queue.rows,
        rest.reduce((sum, item) => sum + item.rows, 0),
      );
      assert.equal(queue.earliestDueMs(), Math.min(Number.POSITIVE_INFINITY, ...rest.map((item) => item.dueMs)));
      const deadlines = rest.map((item) => item.deadlineMs).filter(Number.isFinite);
      assert.equal(queue.firstDeadline()?.deadlineMs, deadlines.length > 0 ? Math.min(...deadlines) : undefined);
      assert.deepEqual(new Set(takeAll(queue)), new Set(rest));
    }),
  );
});

test('items put back come first among their equals, in their order', () => {
  const items = [0, 1, 2, 3].map((number) => waiting(number));
  const queue = filled(items);
  queue.putBack(takeAll(queue, 2));
  assert.deepEqual(takeAll(queue), items);
});

test('everything can be taken out in the order in which it came, with what was put back first', () => {
  fc.assert(
    fc.property(anything, fc.nat(10), (items, most) => {
      const queue = filled(items);
      const taken = most === 0 ? [] : takeAll(queue, most);
      queue.putBack(taken);
      const rest = items.filter((item) => !taken.includes(item));
      assert.deepEqual(queue.takeAll(), [...taken, ...rest]);
      assert.deepEqual([queue.size, queue.rows, queue.byteSize, queue.peek()], [0, 0, 0, undefined]);
    }),
  );
});

test('who is displaced and put back is where it was among those of its tenant', () => {
  fc.assert(
    fc.property(anything, fc.func(fc.boolean()), (items, leaves) => {
      const queue = filled(items);
      const displaced = items.filter((item) => leaves(item.number));
      for (const putBack of displaced.map((item) => queue.displace(item))) putBack();
      const [after, before] = [takeAll(queue), takeAll(filled(items))];
      const own = (list: readonly Numbered[], of: Numbered): Numbered[] =>
        list.filter(({ tenant, priority }) => tenant === of.tenant && priority === of.priority);
      assert.equal(after.length, items.length);
      for (const item of displaced) assert.deepEqual(own(after, item), own(before, item));
    }),
  );
});

test('tenants that both wait share the rows by their weights', () => {
  const items = Array.from({ length: 800 }, (_, number) => waiting(number, { tenant: number % 2 === 0 ? 'a' : 'b' }));
  const queue = filled(items, (tenant) => (tenant === 'a' ? 3 : 1));
  const served = takeAll(queue, 400).filter(({ tenant }) => tenant === 'a').length;
  assert.ok(Math.abs(served - 300) <= 2, `${served} of 400`);
});

test('who has something in excess comes after the others of its class, and saves up nothing meanwhile', () => {
  const items = Array.from({ length: 300 }, (_, number) => waiting(number, { tenant: number % 2 === 0 ? 'a' : 'b' }));
  const queue = filled([waiting(1000, { priority: 1, tenant: 'c' }), ...items]);
  const tenants = (excess: number, most: number): string =>
    Array.from({ length: most }, () => queue.take((tenant) => (tenant === 'a' ? excess : 0))?.tenant).join('');
  assert.equal(tenants(1, 15), 'b'.repeat(15));
  assert.equal(tenants(-1, 2), 'aa');
  assert.match(tenants(0, 3), /^(?:bab|bba|abb)$/);
});

test('a tenant that was silent does not overtake for what it did not ask', () => {
  const queue = filled(Array.from({ length: 300 }, (_, number) => waiting(number)));
  queue.append(waiting(1000, { tenant: 'b' }));
  takeAll(queue, 200);
  for (let number = 1001; number < 1101; number += 1) queue.append(waiting(number, { tenant: 'b' }));
  const served = takeAll(queue, 100).filter(({ tenant }) => tenant === 'b').length;
  assert.ok(Math.abs(served - 50) <= 1, `${served} of 100`);
});

test('a high class comes first, and each lower one keeps a twentieth', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), (rows) => {
      const queue = new FairQueue<Numbered>();
      for (let number = 0; number < 3000; number += 1) queue.append(waiting(number, { priority: number % 3, rows }));
      const taken = takeAll(queue, 1000);
      const served = [0, 1, 2].map((priority) => taken.filter((item) => item.priority === priority).length);
      assert.ok((served[0] as number) >= 880, `${served}`);
      assert.ok((served[1] as number) >= 49 && (served[2] as number) >= 49, `${served}`);
    }),
  );
});

test('a class owes nothing for what it was served while it was the highest', () => {
  const queue = filled(Array.from({ length: 2000 }, (_, number) => waiting(number, { priority: 1 })));
  takeAll(queue, 1000);
  for (let number = 2000; number < 3000; number += 1) queue.append(waiting(number));
  const low = takeAll(queue, 400).filter(({ priority }) => priority === 1).length;
  assert.ok(low >= 19 && low <= 21, `${low} of 400`);
});

const classes = [0, 1, 2];
const tenants = ['a', 'b', 'c'];
const weightOf = (tenant: string): number => ({ a: 3, b: 1 })[tenant] ?? 0.5;
const asker = fc.record({
  priority: fc.nat(2),
  tenant: fc.constantFrom(...tenants),
  rows: fc.integer({ min: 1, max: 9 }),
});

/** Rows for its weight that a tenant has waiting in a class. */
function load(items: readonly Numbered[], priority: number, tenant: string): number {
  const own = items.filter((item) => item.priority === priority && item.tenant === tenant);
  return own.reduce((sum, { rows }) => sum + rows, 0) / weightOf(tenant);
}

test('the lowest class makes room for higher ones, and within a class who has more for its weight', () => {
  fc.assert(
    fc.property(anything, asker, fc.boolean(), (items, wanted, ownClass) => {
      const yielding = filled(items, weightOf).yieldingTo(wanted, ownClass);
      const counted = items.filter(({ priority }) => !ownClass || priority === wanted.priority);
      const lowest = Math.max(-1, ...counted.map(({ priority }) => priority));
      const own = load(items, wanted.priority, wanted.tenant) + wanted.rows / weightOf(wanted.tenant);
      const others = tenants.filter((tenant) => lowest > wanted.priority || tenant !== wanted.tenant);
      const most = Math.max(...others.map((tenant) => load(items, lowest, tenant)));
      const expected = lowest > wanted.priority || (lowest === wanted.priority && most > own);
      assert.equal(yielding !== undefined, expected);
      if (yielding === undefined) return;
      assert.ok(items.includes(yielding));
      assert.deepEqual([yielding.priority, load(items, lowest, yielding.tenant)], [lowest, most]);
    }),
  );
});

test('a lower class keeps a twentieth of a full queue, and makes no room beyond that', () => {
  const full = (lower: number): FairQueue<Numbered> =>
    filled(Array.from({ length: 40 }, (_, number) => waiting(number, { priority: number < lower ? 2 : 0 })));
  const wanted = { priority: 0, tenant: 'a', rows: 1 };
  assert.equal(full(3).yieldingTo(wanted)?.priority, 2);
  assert.equal(full(2).yieldingTo(wanted), undefined);
});

test('before an item come all of the higher classes, and of its own what its shares allow', () => {
  fc.assert(
    fc.property(anything, asker, fc.nat(5), (items, { priority, tenant }, dueMs) => {
      const rowsOf = (list: readonly Numbered[]): number => list.reduce((sum, { rows }) => sum + rows, 0);
      const higher = items.filter((item) => item.priority < priority);
      const mates = items.filter((item) => item.priority === priority);
      const own = mates.filter((item) => item.tenant === tenant && item.dueMs <= dueMs);
      const waits = new Set([tenant, ...mates.map((item) => item.tenant)]);
      const weights = [...waits].reduce((sum, one) => sum + weightOf(one), 0);
      const expected = rowsOf(higher) + Math.min(rowsOf(mates), (rowsOf(own) * weights) / weightOf(tenant));
      const said = filled(items, weightOf).rowsBefore({ priority, tenant, dueMs });
      assert.ok(Math.abs(said - expected) < 1e-6, `${said}, not ${expected}`);
    }),
  );
});

test('what was said to come before an item does, but for the twentieth of lower classes and one item of each other tenant', () => {
  fc.assert(
    fc.property(anything, asker, fc.nat(5), (items, wanted, dueMs) => {
      const queue = filled(items, weightOf);
      const late = waiting(items.length, { ...wanted, dueMs });
      const said = queue.rowsBefore(late);
      queue.append(late);
      const taken = takeAll(queue);
      const before = taken.slice(0, taken.indexOf(late));
      const rows = before.reduce((sum, item) => sum + item.rows, 0);
      const most = said + 2 * 9 + classes.length * (9 + 0.05 * rows);
      assert.ok(rows <= most + 1e-6, `${rows} rows, not ${said}`);
    }),
  );
});

test('each class knows how many wait in it', () => {
  fc.assert(
    fc.property(anything, (items) => {
      const queue = filled(items);
      assert.deepEqual(
        [...classes, 3].map((priority) => queue.sizeOf(priority)),
        [...classes, 3].map((priority) => items.filter((item) => item.priority === priority).length),
      );
    }),
  );
});
