import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BatchQueue, type Queued } from './batch-queue.ts';

interface Numbered extends Queued {
  readonly number: number;
}

const numbered = fc
  .array(
    fc.record({
      kind: fc.constantFrom('a', 'b'),
      rows: fc.integer({ min: 1, max: 9 }),
      byteSize: fc.nat(99),
      deadlineMs: fc.nat(50),
    }),
  )
  .map((items) => items.map((item, number): Numbered => ({ ...item, number })));

function filled(items: readonly Numbered[]): BatchQueue<Numbered> {
  const queue = new BatchQueue<Numbered>();
  for (const item of items) queue.append(item);
  return queue;
}

test('batches hold every item once, one kind each, first come first served, within the limits unless a head alone exceeds them', () => {
  fc.assert(
    fc.property(
      numbered,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 200 }),
      (items, maxRows, maxBytes) => {
        const queue = filled(items);
        const seen: Numbered[] = [];
        while (queue.size > 0) {
          const batch = queue.nextBatch({ maxRows, maxBytes });
          assert.ok(batch.length > 0);
          assert.equal(new Set(batch.map((item) => item.kind)).size, 1);
          const rows = batch.reduce((sum, item) => sum + item.rows, 0);
          const bytes = batch.reduce((sum, item) => sum + item.byteSize, 0);
          assert.ok(batch.length === 1 || (rows <= maxRows && bytes <= maxBytes));
          seen.push(...batch);
        }
        assert.equal(seen.length, items.length);
        for (const kind of ['a', 'b']) {
          const order = seen.filter((item) => item.kind === kind).map((item) => item.number);
          assert.deepEqual(
            order,
            [...order].sort((a, b) => a - b),
          );
        }
        assert.deepEqual([queue.rows, queue.byteSize], [0, 0]);
      },
    ),
  );
});

test('an item that left is in no batch, and the others stay', () => {
  const items = [0, 1, 2].map((number) => ({ number, kind: 'a', rows: 1, byteSize: 1, deadlineMs: 9 }));
  const queue = filled(items);
  assert.equal(queue.remove(items[1] as Numbered), true);
  assert.equal(queue.remove(items[1] as Numbered), false);
  assert.deepEqual(queue.nextBatch({ maxRows: 9, maxBytes: 9 }), [items[0], items[2]]);
});

test('items put back come first again, in their order', () => {
  const items = [0, 1, 2, 3].map((number) => ({ number, kind: 'a', rows: 1, byteSize: 1, deadlineMs: 9 }));
  const queue = filled(items);
  queue.putBack(queue.nextBatch({ maxRows: 2, maxBytes: 9 }));
  assert.equal(queue.rows, 4);
  assert.deepEqual(queue.nextBatch({ maxRows: 9, maxBytes: 9 }), items);
});

test('exactly what has reached its deadline is taken out', () => {
  fc.assert(
    fc.property(numbered, fc.nat(50), (items, nowMs) => {
      const queue = filled(items);
      assert.ok(queue.takeExpired(nowMs).every((item) => item.deadlineMs <= nowMs));
      assert.ok(queue.earliestDeadlineMs() > nowMs);
      assert.equal(queue.takeAll().length, items.filter((item) => item.deadlineMs > nowMs).length);
    }),
  );
});
