import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planRuns, type RunCosts } from './plan-runs.ts';

const sizes = (maxLength: number) => fc.array(fc.integer({ min: 1, max: 128 }), { maxLength });
const costs = fc.record({
  perRun: fc.integer({ min: 0, max: 100 }),
  maxRunSize: fc.integer({ min: 1, max: 600 }),
  maxRows: fc.integer({ min: 1, max: 12 }),
});

test('every row is in exactly one run, and no run of several rows passes a maximum', () => {
  fc.assert(
    fc.property(sizes(60), costs, (rows, { perRun, maxRunSize, maxRows }) => {
      const runs = planRuns(rows, { perRun, maxRunSize, maxRows });
      assert.deepEqual(
        runs.flat().sort((a, b) => a - b),
        [...rows.keys()],
      );
      for (const run of runs) assert.ok(run.length === 1 || (run.length <= maxRows && padded(rows, run) <= maxRunSize));
    }),
  );
});

test('no other parting costs less', () => {
  fc.assert(
    fc.property(sizes(6), costs, (rows, run) => {
      const cost = (runs: readonly (readonly number[])[]) =>
        runs.reduce((sum, each) => sum + run.perRun + padded(rows, each), 0);
      assert.equal(cost(planRuns(rows, run)), Math.min(...allPartings(rows, run).map(cost)));
    }),
    { numRuns: 50 },
  );
});

test('a long row runs by itself, and short ones run together', () => {
  assert.deepEqual(planRuns([8, 128, 9, 8], { perRun: 40, maxRunSize: 2048, maxRows: 32 }), [[0, 3, 2], [1]]);
  assert.deepEqual(planRuns([], { perRun: 40, maxRunSize: 2048, maxRows: 32 }), []);
});

function padded(rows: readonly number[], run: readonly number[]): number {
  return run.length * Math.max(...run.map((row) => rows[row] as number));
}

/** All ways to part the rows into runs that stay within the maximum. */
function allPartings(rows: readonly number[], { maxRunSize, maxRows }: RunCosts): number[][][] {
  let partings: number[][][] = [[]];
  for (const row of rows.keys()) {
    partings = partings.flatMap((runs) => [
      [...runs, [row]],
      ...runs.map((_, index) => runs.map((run, at) => (at === index ? [...run, row] : run))),
    ]);
  }
  return partings.filter((runs) =>
    runs.every((run) => run.length === 1 || (run.length <= maxRows && padded(rows, run) <= maxRunSize)),
  );
}
