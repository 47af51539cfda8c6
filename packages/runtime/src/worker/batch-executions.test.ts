import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchExecutions } from './batch-executions.ts';

const times = { queueUs: 1, computeInputUs: 30, computeInferUs: 900, computeOutputUs: 60 };

test('each run has its own time and, by its rows, a share of decoding and encoding', () => {
  const runs = [
    { rows: 4, inferMs: 0.7 },
    { rows: 2, inferMs: 0.2 },
  ];
  assert.deepEqual(batchExecutions(runs, times), [
    { rows: 4, computeInputUs: 20, computeInferUs: 700, computeOutputUs: 40 },
    { rows: 2, computeInputUs: 10, computeInferUs: 200, computeOutputUs: 20 },
  ]);
});

test('runs of no rows share alike, and no run is no execution', () => {
  const [first, second] = batchExecutions(
    [
      { rows: 0, inferMs: 1 },
      { rows: 0, inferMs: 1 },
    ],
    times,
  );
  assert.deepEqual([first?.computeInputUs, second?.computeInputUs], [15, 15]);
  assert.deepEqual(batchExecutions([], times), []);
});
