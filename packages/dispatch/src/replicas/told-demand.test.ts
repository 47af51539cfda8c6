import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { demandOf, ToldDemand } from './told-demand.ts';

const nothing = { rows: 0, dueMs: 0, priority: 0 };
const some = { rows: 3, dueMs: 100, priority: 1 };

/** A replica that was told something already. */
function told(): ToldDemand {
  const demand = new ToldDemand();
  assert.deepEqual(demand.next(some, false, 0), some);
  return demand;
}

describe('a replica that is shared', () => {
  test('hears at first that nothing waits, and then nothing', () => {
    const demand = new ToldDemand();
    assert.deepEqual(demand.next(undefined, false, 0), nothing);
    assert.equal(demand.next(undefined, false, 1), undefined);
    assert.equal(demand.next(undefined, true, 2), undefined);
  });

  test('hears what waits once', () => {
    const demand = told();
    assert.equal(demand.next({ ...some, rows: 9 }, false, 50), undefined);
    assert.equal(demand.next({ ...some, dueMs: 99.5 }, false, 50), undefined);
  });

  test('hears at once what is due earlier, or of a higher class', () => {
    assert.ok(told().next({ ...some, dueMs: 98 }, false, 0.1));
    assert.ok(told().next({ ...some, priority: 0 }, false, 0.1));
  });

  test('hears a while later what is due later, or of a lower class', () => {
    for (const less of [
      { ...some, dueMs: 200 },
      { ...some, priority: 2 },
    ]) {
      const demand = told();
      assert.equal(demand.next(less, false, 4.9), undefined);
      assert.deepEqual(demand.next(less, false, 5), less);
    }
  });

  test('hears that nothing waits any more', () => {
    assert.deepEqual(told().next(undefined, false, 1), nothing);
  });

  test('is asked for another credit once the one that came was spent or taken back', () => {
    const demand = told();
    demand.credited(false);
    demand.sent();
    assert.deepEqual(demand.next(some, false, 1), some);
    demand.credited(false);
    assert.deepEqual(demand.next(some, false, 1), some);
  });

  test('hears that a reserved credit is not used, and of another one nothing', () => {
    const demand = told();
    demand.credited(true);
    assert.deepEqual(demand.next(some, true, 1), nothing);
    assert.equal(demand.next(some, true, 1), undefined);
    demand.credited(false);
    assert.equal(demand.next(some, true, 1), undefined);
  });
});

test('what is due first and of the highest class of all queues is told', () => {
  const queue = (rows: number, dueMs: number, priority: number) => ({ scheduler: { rows, dueMs, priority } });
  assert.equal(demandOf([]), undefined);
  assert.deepEqual(demandOf([queue(1, 5, 2), queue(2, 9, 0)]), { rows: 3, dueMs: 5, priority: 0 });
});

test('a replica never believes for longer than the pause that something is due which is not', () => {
  const step = fc.record({ afterMs: fc.nat(10), waits: fc.boolean(), dueMs: fc.nat(50), credit: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const demand = new ToldDemand();
      let [nowMs, believed] = [0, Number.POSITIVE_INFINITY];
      for (const { afterMs, waits, dueMs, credit } of steps) {
        nowMs += afterMs + 5;
        const said = demand.next(waits ? { ...some, dueMs } : undefined, credit, nowMs);
        if (said !== undefined) believed = said.rows === 0 ? Number.POSITIVE_INFINITY : said.dueMs;
        const truth = waits && !credit ? dueMs : Number.POSITIVE_INFINITY;
        assert.ok(believed === truth || Math.abs(believed - truth) <= 1, `${believed} for ${truth}`);
      }
    }),
  );
});
