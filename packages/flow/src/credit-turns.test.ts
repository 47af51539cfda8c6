import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CreditTurns } from './credit-turns.ts';

describe('a turn goes', () => {
  test('to nobody as long as nobody asks', () => {
    const turns = new CreditTurns<string>();
    assert.equal(turns.next(), undefined);
    turns.ask('a', { priority: 0, dueMs: 1 });
    turns.forget('a');
    assert.equal(turns.next(), undefined);
  });

  test('to the router that is due first, and once for each time that it asks', () => {
    const turns = new CreditTurns<string>();
    turns.ask('a', { priority: 0, dueMs: 30 });
    turns.ask('b', { priority: 0, dueMs: 20 });
    assert.deepEqual([turns.next(), turns.next(), turns.next()], ['b', 'a', undefined]);
  });

  test('to the higher class, whatever is due in the lower one', () => {
    const turns = new CreditTurns<string>();
    turns.ask('a', { priority: 1, dueMs: 1 });
    turns.ask('b', { priority: 0, dueMs: 1000 });
    assert.equal(turns.next(), 'b');
  });

  test('by what a router said last', () => {
    const turns = new CreditTurns<string>();
    turns.ask('a', { priority: 0, dueMs: 10 });
    turns.ask('b', { priority: 0, dueMs: 20 });
    turns.ask('a', { priority: 0, dueMs: 30 });
    assert.equal(turns.next(), 'b');
  });

  test('to whoever asked first among equals', () => {
    const turns = new CreditTurns<string>();
    for (const router of ['c', 'a', 'b']) turns.ask(router, { priority: 0, dueMs: 5 });
    assert.deepEqual([turns.next(), turns.next(), turns.next()], ['c', 'a', 'b']);
  });
});

test('a router that is never the most urgent has every 21st turn', () => {
  const turns = new CreditTurns<string>();
  turns.ask('late', { priority: 1, dueMs: 1e9 });
  const had = Array.from({ length: 42 }, (_, at) => {
    turns.ask('urgent', { priority: 0, dueMs: at });
    const next = turns.next();
    if (next === 'late') turns.ask('late', { priority: 1, dueMs: 1e9 });
    return next;
  });
  assert.deepEqual(
    had.flatMap((router, at) => (router === 'late' ? [at] : [])),
    [20, 41],
  );
});

test('what was earned is kept when a credit came that others had too, and lost with nothing to send', () => {
  const turns = new CreditTurns<string>();
  const pass = (times: number): void => {
    for (let turn = 0; turn < times; turn++) {
      turns.ask('late', { priority: 1, dueMs: 1 });
      turns.ask('urgent', { priority: 0, dueMs: 1 });
      assert.equal(turns.next(), 'urgent');
    }
  };
  pass(20);
  turns.answered('late');
  assert.equal(turns.next(), undefined);
  turns.ask('late', { priority: 1, dueMs: 1 });
  turns.ask('urgent', { priority: 0, dueMs: 1 });
  assert.equal(turns.next(), 'late');
  turns.forget('urgent');
  pass(20);
  turns.forget('late');
  pass(1);
});

test('nobody who asks waits for more turns than the kept share allows, whatever the others ask', () => {
  const urgency = fc.record({ priority: fc.nat(3), dueMs: fc.nat(100) });
  const round = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), urgency), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(round, { minLength: 30, maxLength: 80 }), urgency, (rounds, own) => {
      const turns = new CreditTurns<number>();
      let waited = 0;
      for (const asks of rounds) {
        turns.ask(0, own);
        for (const [router, urgent] of asks) turns.ask(router, urgent);
        waited = turns.next() === 0 ? 0 : waited + 1;
        // Twenty earn a turn, and five others may have earned theirs before.
        assert.ok(waited <= 25, `${waited} turns`);
      }
    }),
  );
});
