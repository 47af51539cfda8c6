import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adaptive } from '../batch-policy.ts';
import { type Scenario, simulate } from './simulate.ts';

const durationMs = 400_000;
const alone = { policy: adaptive, placement: 'one', noise: 0, durationMs, countFromMs: 1000, seed: 1 } as const;

test('one replica that takes one request at a time is an M/D/1 queue', () => {
  const model = { replicas: 1, maxRows: 1, deadlineMs: 10_000, batchMs: () => 10 };
  for (const busy of [0.3, 0.6, 0.8]) {
    const { requests } = simulate({ ...alone, model, requestsPerMs: () => busy / 10 });
    const waits = requests.map(({ answeredMs, arrivedMs }) => answeredMs - arrivedMs - 10);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    // Pollaczek and Khinchine, for a service time that never varies.
    const expected = (busy * 10) / (2 * (1 - busy));
    assert.ok(Math.abs(mean / expected - 1) < 0.1, `${mean} ms at ${busy}, not ${expected} ms`);
  }
});

test('replicas are busy for as long as what arrives takes them', () => {
  const model = { replicas: 3, maxRows: 1, deadlineMs: 1000, batchMs: () => 10 };
  const { batches } = simulate({ ...alone, model, requestsPerMs: () => 0.15 });
  const busyMs = batches.reduce((sum, { tookMs }) => sum + tookMs, 0);
  assert.ok(Math.abs(busyMs / (3 * (durationMs - 1000)) - 0.5) < 0.01);
});

test('an answer is late by what is on its way, and no replica is busy with that', () => {
  const model = { replicas: 1, maxRows: 1, deadlineMs: 100, batchMs: () => 10 };
  const scenario: Scenario = { ...alone, model, requestsPerMs: () => 0.001, durationMs: 100_000 };
  const quickest = (overheadMs: number): number =>
    Math.min(...simulate({ ...scenario, overheadMs }).requests.map((one) => one.answeredMs - one.arrivedMs));
  assert.ok(Math.abs(quickest(5) - quickest(0) - 5) < 1e-6);
});

test('requests of several rows share batches by their rows', () => {
  const model = { replicas: 1, maxRows: 16, deadlineMs: 200, batchMs: (rows: number) => 20 + rows };
  const { batches, requests } = simulate({ ...alone, model, rows: 5, requestsPerMs: () => 0.05, durationMs: 20_000 });
  assert.ok(requests.length > 800 && batches.length > 300);
  assert.deepEqual(
    [...new Set(batches.map(({ rows }) => rows))].sort((a, b) => a - b),
    [5, 10, 15],
  );
});
