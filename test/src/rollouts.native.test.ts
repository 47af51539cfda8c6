// Rollouts through a real router over gRPC: who gets which share, and a canary that fails and is withdrawn by the router itself.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { once } from 'node:events';
import { setInterval } from 'node:timers/promises';
import { type LoggedEvent, readModelEvent } from '@weft/models';
import { MemoryEventLog } from '@weft/models/testing';
import { rpcMethod } from '@weft/rpc';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { RepositoryIndexResponse__Output } from '@weft/rpc/messages/inference/RepositoryIndexResponse';
import type { AppliedEvent } from '@weft/rpc/messages/weft/executor/v1/AppliedEvent';
import type { WatchModelsResponse__Output } from '@weft/rpc/messages/weft/router/v1/WatchModelsResponse';
import type { SetRolloutResponse__Output } from '@weft/rpc/messages/weft/router/v1/SetRolloutResponse';
import { dial } from './testing/dial.ts';
import { inferFloats, inferPath } from './testing/infer-request.ts';
import { startRouterOver } from './testing/local-mesh.ts';
import { type PlayedBatch, playReplica } from './testing/played-replica.ts';
import { scrape } from './testing/scrape.ts';

const setRollout = '/weft.router.v1.Admin/SetRollout';
const watchModels = '/weft.router.v1.Admin/WatchModels';
const index = '/inference.GRPCInferenceService/RepositoryIndex';

/** A router over a replica with the versions 1 and 2 of `m`, which obeys events at once; each fifth call of version 2 may fail. */
async function startTrial(t: TestContext, { canaryFails = false } = {}) {
  const state = (applied: AppliedEvent[]) => ({
    ...{ replicaId: 'r', service: 'custom', applied },
    models: ['1', '2'].map((version) => ({
      ...{ name: 'm', version, state: 'MODEL_STATE_READY' as const, maxBatchSize: 4, instances: 1 },
      config: { name: 'm', maxBatchSize: 4 },
    })),
  });
  const replica = await playReplica(state([]));
  const eventLog = new MemoryEventLog();
  eventLog.follow({
    onEvent: ({ model, revision }) => setImmediate(() => replica.report(state([{ model, revision, settled: true }]))),
    onCaughtUp: () => {},
    onProblem: () => {},
  });
  const router = await startRouterOver([replica.address], { eventLog });
  const to = dial(router.address);
  let stopped = false;
  t.after(async () => {
    stopped = true;
    to.close();
    await router.stop();
    await replica.stop();
  });
  let canaryCalls = 0;
  const answer = (batch: PlayedBatch): void => {
    const { version, items } = batch;
    const response = rpcMethod(inferPath).encodeResponse({ modelName: 'm', modelVersion: version });
    const fails = (): boolean => canaryFails && version === '2' && ++canaryCalls % 5 === 0;
    batch.answer(items.map(() => (fails() ? { code: 13, message: 'it broke', requestId: '' } : response)));
    void replica.grant(version);
  };
  const serve = async (): Promise<void> => {
    for (let at = 0; !stopped; at += 1) {
      await replica.until(() => replica.batches.length > at);
      answer(replica.batches[at] as PlayedBatch);
    }
  };
  for (const version of ['1', '2']) await replica.grant(version);
  void serve();
  const infer = () => to.call(inferPath, inferFloats('m', [1]), { deadline: Date.now() + 5000 });
  return { router, to, infer, eventLog };
}

test('a tenth of 2,000 requests goes to a canary of 10 %, and each answer names the version that made it', async (t) => {
  const { to, infer } = await startTrial(t);
  const change = { name: 'm', canary: { version: '2', share: 0.1 } };
  const refused = await to.call(setRollout, change);
  assert.match(refused.result, /^FAILED_PRECONDITION .* has no version beside version 2/);
  await to.ask(setRollout, { name: 'm', promote: { version: '1' } });
  const { model, outcome } = await to.ask<SetRolloutResponse__Output>(setRollout, change);
  assert.equal(outcome?.settled, true);
  assert.deepEqual([model?.rollout?.stable, model?.rollout?.canary, model?.rollout?.canaryShare], ['1', '2', 0.1]);
  const served = { 1: 0, 2: 0 };
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(Array.from({ length: 100 }, infer));
    for (const { response, result } of answers) {
      assert.equal(result, 'OK');
      served[(response as ModelInferResponse__Output).modelVersion as '1' | '2'] += 1;
    }
  }
  t.diagnostic(`${served[2]} of 2,000 requests went to the canary`);
  assert.ok(Math.abs(served[2] - 200) <= 40);
  assert.equal(served[1] + served[2], 2000);
});

test('a canary that fails 20 % of its calls is withdrawn by the router within 10 s, with the reason in log, event, index and watch', async (t) => {
  const { router, to, infer, eventLog } = await startTrial(t, { canaryFails: true });
  await to.ask(setRollout, { name: 'm', promote: { version: '1' } });
  await to.ask(setRollout, { name: 'm', canary: { version: '2', share: 0.1 } });
  const started = performance.now();
  const withdrawn = router.logged('canary.rolled_back');
  let over = false;
  void withdrawn.then(() => (over = true));
  const calls: Promise<unknown>[] = [];
  for await (const _ of setInterval(15)) {
    calls.push(infer());
    if (over) break;
    assert.ok(performance.now() - started < 12_000, 'it is still there');
  }
  const tookMs = performance.now() - started;
  t.diagnostic(`withdrawn after ${(tookMs / 1000).toFixed(1)} s and ${calls.length} requests`);
  assert.ok(tookMs <= 10_000);
  await Promise.all(calls);
  const { reason } = await withdrawn;
  assert.match(String(reason), /^version 2 failed \d+ % of \d+ calls, version 1 0 % of \d+$/);
  const last = await new Promise<LoggedEvent>((resolve) => {
    eventLog.follow({ onEvent: resolve, onCaughtUp: () => {}, onProblem: () => {} });
  });
  const event = readModelEvent(last.bytes);
  assert.deepEqual([event?.author, event?.reason], ['router', `rolled back version 2: ${String(reason)}`]);
  assert.deepEqual(
    event?.model.withdrawals.map(({ version, reason: why }) => [version, why]),
    [['2', reason]],
  );
  const watch = to.watch<WatchModelsResponse__Output>(watchModels, {});
  watch.on('error', () => {});
  const [told] = (await once(watch, 'data')) as [WatchModelsResponse__Output];
  watch.cancel();
  const status = told.models.find(({ name }) => name === 'm');
  assert.deepEqual(
    status?.versions.map(({ version, share, withdrawn: why }) => [version, share, why]),
    [
      ['2', 0, reason],
      ['1', 1, ''],
    ],
  );
  const { models } = await to.ask<RepositoryIndexResponse__Output>(index, {});
  const row = models.find(({ version }) => version === '2');
  assert.deepEqual([row?.state, row?.reason], ['UNAVAILABLE', `withdrawn: ${String(reason)}`]);
  const after = await Promise.all(Array.from({ length: 50 }, infer));
  assert.ok(after.every(({ response }) => (response as ModelInferResponse__Output).modelVersion === '1'));
  const metrics = await scrape(String(router.service.metricsAddress));
  assert.equal(metrics.sum('weft_canary_rollbacks_total', { model: 'm', version: '2' }), 1);
});
