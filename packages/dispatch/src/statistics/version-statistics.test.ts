import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeReplica } from '../testing/fake-replica.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';
import { StatisticsBook } from './statistics-book.ts';
import { statisticsMessage } from './statistics-message.ts';

async function withReplica() {
  const started = startEngine({ maxQueueSize: 2 });
  const replica = new FakeReplica();
  started.engine.updateReplica('a', replicaState([version('m', '1')]), replica.open);
  await turns();
  return { ...started, replica, read: () => statisticsMessage(started.statistics, 'm', '1') };
}

const computeTimes = { computeInputUs: 2, computeInferUs: 994, computeOutputUs: 4 };

test('a call that is answered counts its rows, its wait at the router and the replica, and what the replica computed', async () => {
  const { replica, clock, submit, read } = await withReplica();
  submit('a', { rows: 3 });
  await turns();
  clock.advance(5);
  replica.grant('1');
  await turns();
  clock.advance(7);
  replica.answer(replica.batches[0]?.id ?? 0, { 0: 'done' }, { executions: [{ rows: 3, ...computeTimes }] });
  await turns();
  const { inferenceStats, batchStats, ...counts } = read();
  assert.deepEqual(counts, {
    name: 'm',
    version: '1',
    lastInference: 1_700_000_000_012,
    inferenceCount: 3,
    executionCount: 1,
    memoryUsage: [],
    responseStats: {},
  });
  const none = { count: 0, ns: 0 };
  assert.deepEqual(inferenceStats, {
    success: { count: 1, ns: 12_000_000 },
    fail: none,
    queue: { count: 1, ns: 5_001_000 },
    computeInput: { count: 1, ns: 2_000 },
    computeInfer: { count: 1, ns: 994_000 },
    computeOutput: { count: 1, ns: 4_000 },
    cacheHit: none,
    cacheMiss: none,
  });
  assert.deepEqual(batchStats, [
    {
      batchSize: 3,
      computeInput: { count: 1, ns: 2_000 },
      computeInfer: { count: 1, ns: 994_000 },
      computeOutput: { count: 1, ns: 4_000 },
    },
  ]);
});

test('failures, cancelled and refused calls are counted by why they failed', async () => {
  const { replica, statistics, submit } = await withReplica();
  const [first] = [submit('a'), submit('b')];
  assert.throws(() => submit('c'), { code: 'RESOURCE_EXHAUSTED' });
  first?.pending.cancel();
  replica.grant('1');
  await turns();
  replica.answer(replica.batches[0]?.id ?? 0, { 0: { code: 3, message: 'no', requestId: '' } });
  await turns();
  const { fail, failures, success } = statistics.of('m', '1');
  assert.deepEqual([fail.count, success.count], [3, 0]);
  assert.deepEqual(failures, { REJECTED: 1, CANCELED: 1, BACKEND: 0, OTHER: 1 });
});

test('nothing falls when a replica is forgotten and comes back', async () => {
  const { replica, engine, submit, read } = await withReplica();
  submit('a');
  replica.grant('1');
  await turns();
  replica.answer(replica.batches[0]?.id ?? 0, { 0: 'done' });
  await turns();
  engine.forgetReplica('a');
  await turns();
  engine.updateReplica('b', replicaState([version('m', '1')], { replicaId: 'b' }), new FakeReplica().open);
  assert.equal(read().inferenceStats?.success?.count, 1);
});

test('a process that computes itself adds to its batches what its own queue cost, and what never left it', () => {
  const book = new StatisticsBook(0, 0);
  const own = book.ofOwnQueue('m', '1');
  const times = { queueUs: 1000, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 };
  own.answered({ rows: 1, enqueuedMs: 0, sentMs: 4 }, times, 9);
  own.executed([{ rows: 1, ...computeTimes }]);
  own.failed({ rows: 1, enqueuedMs: 0, sentMs: 4 }, 'INTERNAL', 9);
  own.failed({ rows: 1, enqueuedMs: 0, sentMs: undefined }, 'DEADLINE_EXCEEDED', 9);
  const computed = { queueMs: 1, inputMs: 1, inferMs: 2, outputMs: 1, executions: [{ rows: 2, ...computeTimes }] };
  book.of('m', '1').computed({ succeeded: 2, rows: 2, failures: ['INTERNAL'], ...computed }, 9);
  const { success, queue, fail, failures, executions, rows } = book.of('m', '1');
  assert.deepEqual([success.count, success.ms, queue.count, queue.ms], [2, 14, 2, 6]);
  assert.deepEqual([fail.count, failures.BACKEND, failures.REJECTED, executions, rows], [2, 1, 1, 1, 2]);
});

test('what the response cache answered succeeds and is not inferred', () => {
  const book = new StatisticsBook(0, 0);
  const statistics = book.of('m', '1');
  statistics.cached(0.5, 1);
  statistics.missedCache(0.25);
  const { inferenceCount, executionCount, inferenceStats } = statisticsMessage(book, 'm', '1');
  assert.deepEqual([inferenceCount, executionCount], [0, 0]);
  assert.deepEqual(inferenceStats?.success, { count: 1, ns: 500_000 });
  assert.deepEqual(inferenceStats?.cacheHit, { count: 1, ns: 500_000 });
  assert.deepEqual(inferenceStats?.cacheMiss, { count: 1, ns: 250_000 });
});
