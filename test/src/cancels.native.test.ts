// Clients that give up: in the middle of a batch, or in the queue. Nobody else notices.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome, PendingOutcome } from './testing/dial.ts';
import { inferPath } from './testing/infer-request.ts';
import type { Metrics } from './testing/scrape.ts';
import { fileScope, startSleepingMesh } from './testing/sleeping-mesh.ts';
import { type SleepingModel, sleepMs, sleepRequest } from './testing/sleeping-model.ts';

const model: SleepingModel = { startMs: 300, rowMs: 20, maxRows: 8 };
const mesh = await startSleepingMesh(fileScope, { model, replicas: 1 });
const { client } = mesh;
await client.ask(inferPath, sleepRequest(1));

async function until(holds: (metrics: Metrics) => boolean): Promise<void> {
  while (!holds(await mesh.metrics()));
}

/** One call that the replica computes, and six that wait for the end of it. */
async function sixBehindOne(): Promise<{ readonly first: PendingOutcome; readonly six: PendingOutcome[] }> {
  const batches = (await mesh.metrics()).sum('weft_dispatch_batches_total');
  const first = client.call(inferPath, sleepRequest(1));
  await until((metrics) => metrics.sum('weft_dispatch_batches_total') === batches + 1);
  const six = [2, 3, 4, 5, 6, 7].map((value) => client.call(inferPath, sleepRequest(value)));
  await until((metrics) => metrics.sum('weft_dispatch_waiting') === six.length);
  return { first, six };
}

async function timed(outcome: Promise<Outcome>): Promise<{ readonly result: string; readonly atMs: number }> {
  const { result } = await outcome;
  return { result, atMs: performance.now() };
}

test('who cancels in the middle of a batch neither fails nor delays its mates', async (t) => {
  const before = await mesh.metrics();
  const { first, six } = await sixBehindOne();
  const outcomes = six.map(timed);
  assert.equal((await first).result, 'OK');
  const begunMs = performance.now();
  const [canceller] = six;
  await until(({ sum }) => sum('weft_dispatch_waiting') === 0);
  canceller?.cancel();
  await until(({ sum }) => sum('weft_cancelled_total', { where: 'sent' }) === 1);
  const [cancelled, ...mates] = await Promise.all(outcomes);
  const tookMs = mates.map(({ atMs }) => atMs - begunMs);
  t.diagnostic(
    `a batch of ${sleepMs(model, 6)} ms: its mates were answered after ${Math.max(...tookMs).toFixed(0)} ms`,
  );
  assert.match(cancelled?.result ?? '', /^CANCELLED/);
  assert.deepEqual(
    mates.map(({ result }) => result),
    Array.from({ length: 5 }, () => 'OK'),
  );
  // All in one batch: one more would take as long again.
  assert.equal(
    (await mesh.metrics()).sum('weft_dispatch_batches_total') - before.sum('weft_dispatch_batches_total'),
    2,
  );
  assert.ok(Math.max(...tookMs) < 1.6 * sleepMs(model, 6));
});

test('who gives up in the queue leaves it: nobody computes that, and it is counted', async () => {
  const [replica] = mesh.replicas;
  const before = await replica?.metrics();
  const { first, six } = await sixBehindOne();
  for (const call of six.slice(0, 2)) call.cancel();
  await until(({ sum }) => sum('weft_cancelled_total', { where: 'queued' }) === 2);
  assert.equal((await mesh.metrics()).sum('weft_dispatch_waiting'), 4);
  const results = (await Promise.all([first, ...six])).map(({ result }) => result.split(' ')[0]);
  assert.deepEqual(results, ['OK', 'CANCELLED', 'CANCELLED', 'OK', 'OK', 'OK', 'OK']);
  const rows = (metrics: Metrics | undefined): number => metrics?.sum('weft_batch_rows_total') ?? Number.NaN;
  assert.equal(rows(await replica?.metrics()) - rows(before), 5);
});

test('a client whose deadline passes in the queue leaves it too, and is counted', async () => {
  const gone = ({ sum }: Metrics): number => sum('weft_dispatch_shed_total') + sum('weft_cancelled_total');
  const before = gone(await mesh.metrics());
  const { first, six } = await sixBehindOne();
  // Nobody can be answered within that while the replica is busy: the router says so, at the door or later.
  const late = await client.call(inferPath, sleepRequest(8), { deadline: Date.now() + 100 });
  assert.match(late.result, /^(DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED) /);
  const metrics = await mesh.metrics();
  assert.equal(metrics.sum('weft_dispatch_waiting'), 6);
  assert.equal(gone(metrics), before + 1);
  const results = (await Promise.all([first, ...six])).map(({ result }) => result);
  assert.deepEqual([...new Set(results)], ['OK']);
});
