import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HeapEntry } from './indexed-heap.ts';
import { TenantShares } from './tenant-shares.ts';
import type { Waiting } from './waiting.ts';

const weights: Readonly<Record<string, number>> = { a: 3, b: 1, c: 0.5 };
const tenant = fc.constantFrom('a', 'b', 'c');
const waiting = fc.record({ rows: fc.integer({ min: 1, max: 9 }), dueMs: fc.nat(50), tenant });
const many = fc.array(waiting, { maxLength: 40 });

function weightOf(name: string): number {
  return weights[name] ?? 1;
}

function item({ rows, dueMs, tenant: name }: Pick<Waiting, 'rows' | 'dueMs' | 'tenant'>): Waiting {
  return { rows, dueMs, tenant: name, byteSize: 1, deadlineMs: dueMs, sinceMs: 0, priority: 0 };
}

/** Shares with these items, of which some have left again, and what is left. */
function shares(list: readonly Waiting[], leaves: (item: Waiting) => boolean = () => false) {
  const all = new TenantShares<Waiting>(weightOf);
  const entries = list.map((one, order): HeapEntry<Waiting> => all.append(one, order));
  for (const entry of entries) if (leaves(entry.value)) all.remove(entry);
  return { all, left: list.filter((one) => !leaves(one)) };
}

function rowsOf(list: readonly Waiting[]): number {
  return list.reduce((sum, { rows }) => sum + rows, 0);
}

function load(list: readonly Waiting[], name: string): number {
  return rowsOf(list.filter((one) => one.tenant === name)) / weightOf(name);
}

test('the tenant that has most for its weight makes room for who would have less with its own; nobody else does', () => {
  fc.assert(
    fc.property(many, fc.func(fc.boolean()), waiting, (list, gone, asker) => {
      const { all, left } = shares(list.map(item), ({ rows, dueMs }) => gone(rows, dueMs));
      const others = ['a', 'b', 'c'].filter((name) => name !== asker.tenant).map((name) => load(left, name));
      const yielding = all.excess(asker);
      const own = load(left, asker.tenant) + asker.rows / weightOf(asker.tenant);
      const heaviest = Math.max(...others);
      assert.equal(yielding !== undefined, heaviest > own);
      if (yielding === undefined) return;
      assert.ok(left.includes(yielding));
      assert.equal(load(left, yielding.tenant), heaviest);
      assert.notEqual(yielding.tenant, asker.tenant);
    }),
  );
});

test('without an asker the heaviest makes room, whoever it is, and never with what it would be served next', () => {
  fc.assert(
    fc.property(many, (list) => {
      const { all, left } = shares(list.map(item));
      const yielding = all.excess();
      assert.equal(yielding === undefined, left.length === 0);
      if (yielding === undefined) return;
      assert.equal(load(left, yielding.tenant), Math.max(...['a', 'b', 'c'].map((name) => load(left, name))));
      const own = left.filter((one) => one.tenant === yielding.tenant);
      const [next] = own.sort((a, b) => a.dueMs - b.dueMs || left.indexOf(a) - left.indexOf(b));
      assert.ok(own.length === 1 || yielding !== next);
    }),
  );
});

test('before an item come its own tenant’s that are due by then, the others as much more as they weigh, and never more than all', () => {
  fc.assert(
    fc.property(many, fc.func(fc.boolean()), waiting, (list, gone, { tenant: name, dueMs }) => {
      const { all, left } = shares(list.map(item), ({ rows, dueMs: at }) => gone(rows, at));
      const own = rowsOf(left.filter((one) => one.tenant === name && one.dueMs <= dueMs));
      const waits = new Set([name, ...left.map((one) => one.tenant)]);
      const sum = [...waits].reduce((total, one) => total + weightOf(one), 0);
      const expected = Math.min(rowsOf(left), (own * sum) / weightOf(name));
      assert.ok(Math.abs(all.rowsBefore(name, dueMs) - expected) < 1e-6);
      assert.deepEqual([all.rows, all.size], [rowsOf(left), left.length]);
    }),
  );
});

test('more than enough rows before an item are not counted to the end, fewer are counted exactly', () => {
  fc.assert(
    fc.property(many, waiting, fc.nat(60), (list, { tenant: name, dueMs }, enough) => {
      const { all } = shares(list.map(item));
      const exact = all.rowsBefore(name, dueMs);
      const said = all.rowsBefore(name, dueMs, enough);
      assert.ok(exact > enough ? said > enough - 1e-6 : Math.abs(said - exact) < 1e-6, `${said}, not ${exact}`);
    }),
  );
});

test('of ten thousand that wait few are looked at, and what comes before an item is still known to about a tenth of them', () => {
  const all = new TenantShares<Waiting>(() => 1);
  let looked = 0;
  for (let order = 0; order < 10_000; order += 1) {
    const one = item({ rows: 1 + (order % 3), dueMs: (order * 7919) % 10_000, tenant: 'a' });
    all.append(Object.defineProperty(one, 'rows', { get: () => ((looked += 1), 1 + (order % 3)) }), order);
  }
  for (const dueMs of [-1, 50, 1000, 5000, 9000, 10_000]) {
    looked = 0;
    const said = all.rowsBefore('a', dueMs);
    assert.ok(looked <= 512, `${looked}`);
    assert.ok(Math.abs(said - 2 * Math.max(0, dueMs)) <= 2000, `${said} rows before ${dueMs} ms`);
  }
});

test('what is said to come before an item does, but for the last item of each other tenant', () => {
  fc.assert(
    fc.property(many, waiting, (list, given) => {
      const { all } = shares(list.map(item));
      const late = item(given);
      const said = all.rowsBefore(late.tenant, late.dueMs);
      all.append(late, list.length);
      let before = 0;
      for (let next = all.take(); next !== late; next = all.take()) before += next?.rows ?? Number.NaN;
      assert.ok(before <= said + 2 * 9 + 1e-6, `${before} rows, not ${said}`);
    }),
  );
});

test('tenants that come once and go are forgotten', () => {
  const all = new TenantShares<Waiting>(() => 1);
  for (let number = 0; number < 1000; number += 1) {
    all.append(item({ rows: 1, dueMs: 1, tenant: `${number}` }), number);
    all.take();
  }
  assert.ok(all.remembered <= 100, `${all.remembered}`);
});

test('who has had more than its share is remembered as long as others wait', () => {
  const all = new TenantShares<Waiting>(() => 1);
  const append = (name: string, rows: number): unknown => all.append(item({ rows, dueMs: 1, tenant: name }), 0);
  append('large', 1000);
  for (let number = 0; number < 401; number += 1) append('usual', 1);
  for (let taken = 0; taken < 2; taken += 1) all.take();
  for (let number = 0; number < 200; number += 1) {
    append(`${number}`, 1);
    for (let taken = 0; taken < 2; taken += 1) all.take();
  }
  for (let number = 0; number < 50; number += 1) append('large', 1);
  assert.ok(all.remembered <= 100, `${all.remembered}`);
  const served = Array.from({ length: 100 }, () => all.take()?.tenant);
  assert.ok(!served.includes('large'));
});
