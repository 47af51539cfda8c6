// Three times as much as the replicas can do: what is answered in time hardly falls, who is turned away hears it at once, and
// the router's memory does not grow. Every batch is counted.
//
// `npm run bench -- goodput` measures the same on a quiet machine, and wants 85% of the peak, and 99% of the rejections within
// 50 ms; here others run beside, so it is 70%, and 95% within 100 ms.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inferPath } from './testing/infer-request.ts';
import {
  answeredOk,
  inOneOfThree,
  latencies,
  outcomes,
  ownLatencyMs,
  quantile,
  watchMachine,
} from './testing/load-figures.ts';
import { startLoad } from './testing/open-load.ts';
import { fileScope, startSleepingMesh } from './testing/sleeping-mesh.ts';
import { capacity, type SleepingModel, sleepRequest } from './testing/sleeping-model.ts';

const model: SleepingModel = { startMs: 80, rowMs: 10, maxRows: 8 };
const peak = capacity(model, 4);
const deadlineMs = 500;
const mesh = await startSleepingMesh(fileScope, { model, replicas: 4 });
await mesh.client.ask(inferPath, sleepRequest(1));

/** In time per second. */
function goodput(load: { readonly forMs: number }, ok: readonly unknown[]): number {
  return (1000 * ok.length) / load.forMs;
}

function residentMb(pid: number): number {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1024;
}

test('at three times the capacity as good as all is answered in time that was at the capacity', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const one = { perSecond: peak, forMs: 4000, deadlineMs };
  const three = { perSecond: 3 * peak, forMs: 5000, deadlineMs };
  // What is reserved at the first overload stays reserved.
  await startLoad(mesh.client, { ...three, forMs: 2000 }).answered;
  const beforeMb = residentMb(mesh.router.pid);
  const holds = (seen: { readonly atOne: number; readonly kept: number; readonly rejectedMs: number }): boolean =>
    seen.atOne >= 0.6 * peak && seen.kept >= 0.7 && seen.rejectedMs < 100;
  const figures = await inOneOfThree(async () => {
    const machine = watchMachine();
    const atOne = await startLoad(mesh.client, one).answered;
    const atThree = await startLoad(mesh.client, three).answered;
    const [peakPerSecond, perSecond] = [goodput(one, answeredOk(atOne)), goodput(three, answeredOk(atThree))];
    const rejected = atThree.filter((call) => call.code === 'RESOURCE_EXHAUSTED');
    const afterMs = (share: number): number => quantile(rejected.map(ownLatencyMs), share);
    t.diagnostic(`at 1×: ${peakPerSecond.toFixed(0)}/s in time, ${outcomes(atOne)}, ${latencies(atOne)}`);
    t.diagnostic(`at 3×: ${perSecond.toFixed(0)}/s in time, ${outcomes(atThree)}, ${latencies(atThree)}; ${machine()}`);
    t.diagnostic(
      `rejected after ${[0.5, 0.95, 0.99].map((share) => afterMs(share).toFixed(0)).join(', ')} ms (p50, p95, p99)`,
    );
    assert.ok(rejected.length > atThree.length / 3);
    assert.deepEqual(
      rejected.filter(({ pushbackMs = 0 }) => pushbackMs <= 0),
      [],
    );
    return {
      atOne: peakPerSecond,
      kept: perSecond / Math.max(peakPerSecond, perSecond),
      rejectedMs: afterMs(0.95),
    };
  }, holds);
  const afterMb = residentMb(mesh.router.pid);
  t.diagnostic(`router: ${beforeMb.toFixed(0)} MB before, ${afterMb.toFixed(0)} MB after`);
  assert.ok(holds(figures), JSON.stringify(figures));
  assert.ok(afterMb - beforeMb < 40);
});

test('every batch is counted, by why it was sent and how large', async (t) => {
  const router = await mesh.metrics();
  const replicas = await Promise.all(mesh.replicas.map((replica) => replica.metrics()));
  const ran = (name: string): number => replicas.reduce((sum, metrics) => sum + metrics.sum(name), 0);
  const reasons = router.values('weft_dispatch_batches_total', 'reason');
  const counts = reasons.map((reason) => [reason, router.sum('weft_dispatch_batches_total', { reason })] as const);
  t.diagnostic(
    `${counts.map(([reason, count]) => `${reason} ${count}`).join(', ')}; replicas ran ${ran('weft_batches_total')}`,
  );
  assert.equal(router.sum('weft_dispatch_batches_total'), ran('weft_batches_total'));
  assert.deepEqual(
    counts,
    reasons.map((reason) => [reason, router.sum('weft_dispatch_batch_rows_count', { reason })]),
  );
  assert.equal(router.sum('weft_dispatch_batch_rows_sum'), ran('weft_batch_rows_total'));
  assert.ok(reasons.length >= 2);
});
