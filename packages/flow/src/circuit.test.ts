import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Circuit } from './circuit.ts';

const infinity = Number.POSITIVE_INFINITY;

/** Trips it and lets its probe fail until `trips` have happened; returns the instant after the last and all open times. */
function tripInARow(circuit: Circuit, trips: number): { readonly nowMs: number; readonly openMs: readonly number[] } {
  const openMs: number[] = [];
  let nowMs = 0;
  circuit.trip(nowMs);
  for (let trip = 1; trip < trips; trip += 1) {
    openMs.push(circuit.nextChangeMs(nowMs) - nowMs);
    nowMs = circuit.nextChangeMs(nowMs);
    circuit.take(nowMs);
    circuit.fail(nowMs);
  }
  openMs.push(circuit.nextChangeMs(nowMs) - nowMs);
  return { nowMs, openMs };
}

test('closed until it is tripped, open for a second, then half-open', () => {
  const circuit = new Circuit();
  assert.deepEqual([circuit.state(0), circuit.allows(0), circuit.nextChangeMs(0)], ['closed', true, infinity]);
  circuit.trip(100);
  assert.deepEqual([circuit.state(1099), circuit.allows(1099), circuit.nextChangeMs(1099)], ['open', false, 1100]);
  assert.deepEqual(
    [circuit.state(1100), circuit.allows(1100), circuit.nextChangeMs(1100)],
    ['half-open', true, infinity],
  );
});

test('failures of a closed circuit do not open it', () => {
  const circuit = new Circuit();
  for (let nowMs = 0; nowMs < 100; nowMs += 1) circuit.fail(nowMs);
  assert.equal(circuit.state(100), 'closed');
});

test('half-open lets exactly one probe pass', () => {
  const circuit = new Circuit();
  circuit.trip(0);
  assert.deepEqual(
    [500, 1000, 1000, 1001].map((nowMs) => circuit.tryProbe(nowMs)),
    [false, true, false, false],
  );
  assert.equal(circuit.allows(1001), false);
  circuit.succeed(1010);
  assert.deepEqual([circuit.state(1010), circuit.tryProbe(1010), circuit.allows(1010)], ['closed', false, true]);
});

test('asking whether it allows a request takes nothing', () => {
  const circuit = new Circuit();
  circuit.trip(0);
  assert.ok([1000, 1000, 1000].every((nowMs) => circuit.allows(nowMs)));
});

test('a probe that fails opens it for twice as long, up to the most', () => {
  const { openMs } = tripInARow(new Circuit(), 8);
  assert.deepEqual(openMs, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('a probe that nobody answers is given up after the current open time', () => {
  const circuit = new Circuit();
  const { nowMs } = tripInARow(circuit, 2);
  assert.ok(circuit.tryProbe(nowMs + 2000));
  assert.deepEqual([circuit.allows(nowMs + 3999), circuit.nextChangeMs(nowMs + 3999)], [false, nowMs + 4000]);
  assert.ok(circuit.tryProbe(nowMs + 4000));
});

test('the failure of a probe that was given up still opens it', () => {
  const circuit = new Circuit();
  circuit.trip(0);
  circuit.take(1000);
  circuit.fail(5000);
  assert.deepEqual([circuit.state(5000), circuit.nextChangeMs(5000)], ['open', 7000]);
});

test('failures of what was sent before the trip count neither while it is open nor before there is a probe', () => {
  const circuit = new Circuit();
  circuit.trip(0);
  circuit.fail(10);
  circuit.trip(20);
  circuit.fail(1000);
  assert.deepEqual([circuit.state(1000), circuit.allows(1000)], ['half-open', true]);
});

test('a late answer of a hung replica closes it', () => {
  const circuit = new Circuit();
  circuit.trip(0);
  circuit.succeed(300);
  assert.deepEqual([circuit.state(300), circuit.nextChangeMs(300)], ['closed', infinity]);
});

test('trips soon after one another open it for longer, trips with quiet between them do not', () => {
  const circuit = new Circuit();
  const openMs: number[] = [];
  for (const tripMs of [0, 2000, 20_000, 60_000]) {
    circuit.trip(tripMs);
    openMs.push(circuit.nextChangeMs(tripMs) - tripMs);
    circuit.succeed(tripMs + 1000);
  }
  assert.deepEqual(openMs, [1000, 2000, 2000, 1000]);
});

test('however it is used: one probe in an open time, bounds of the open time, and always a way back', () => {
  const event = fc.record({
    pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 })),
    what: fc.constantFrom('trip', 'succeed', 'fail', 'probe' as const),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 100 }), (events) => {
      const circuit = new Circuit();
      let nowMs = 0;
      let probeFreeMs = -infinity;
      for (const { pauseMs, what } of events) {
        nowMs += pauseMs;
        const before = circuit.state(nowMs);
        if (what === 'probe') {
          const taken = circuit.tryProbe(nowMs);
          assert.equal(taken, before === 'half-open' && nowMs >= probeFreeMs);
          if (taken) probeFreeMs = circuit.nextChangeMs(nowMs);
        } else circuit[what](nowMs);
        const after = circuit.state(nowMs);
        const nextMs = circuit.nextChangeMs(nowMs);
        if (after !== 'half-open') probeFreeMs = -infinity;
        assert.equal(circuit.allows(nowMs), nextMs === infinity);
        assert.ok(nextMs === infinity || (nextMs > nowMs && nextMs - nowMs <= 30_000));
        assert.ok(nextMs === infinity || circuit.allows(nextMs));
        assert.ok(what !== 'succeed' || after === 'closed');
        assert.ok(what !== 'trip' || after === 'open');
        assert.ok(!(after === 'open' && before !== 'open') || nextMs - nowMs >= 1000);
      }
    }),
  );
});
