// ModelConfig, ModelStatistics and the metrics made of them: a router counts what it sees, a service what it computes, whoever asked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ModelConfigResponse__Output } from '@weft/rpc/messages/inference/ModelConfigResponse';
import type { ModelStatisticsResponse__Output } from '@weft/rpc/messages/inference/ModelStatisticsResponse';
import { plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import type { Dialled } from './testing/dial.ts';
import { inferFloats, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';
import { scrape } from './testing/scrape.ts';

const protocol = '/inference.GRPCInferenceService';
const folder = temporaryFolder();
let mesh: LocalMesh;

before(async () => {
  for (const version of [1, 2])
    await writeModel(folder.path, 'rows', {
      graph: plus(version),
      version,
      config: 'max_batch_size: 4 version_policy { all {} }',
    });
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

async function statisticsOf(client: Dialled, request: object) {
  return (await client.ask<ModelStatisticsResponse__Output>(`${protocol}/ModelStatistics`, request)).modelStats;
}

test('ModelConfig is the configuration as it was completed from the model file', async () => {
  const { config } = await mesh.client.ask<ModelConfigResponse__Output>(`${protocol}/ModelConfig`, { name: 'rows' });
  assert.deepEqual([config?.name, config?.maxBatchSize, config?.backend], ['rows', 4, 'onnxruntime']);
  assert.deepEqual(
    config?.input.map(({ name, dataType }) => [name, dataType]),
    [['x', 'TYPE_FP32']],
  );
  const refusals = [{ name: '' }, { name: 'none' }, { name: 'rows', version: '7' }].map(async (request) => [
    (await mesh.client.call(`${protocol}/ModelConfig`, request)).result,
    (await mesh.direct.call(`${protocol}/ModelConfig`, request)).result,
  ]);
  const texts = [
    'INVALID_ARGUMENT Model name cannot be empty',
    "NOT_FOUND Request for unknown model: 'none' is not found",
    "NOT_FOUND Request for unknown model: 'rows' version 7 is not found",
  ];
  assert.deepEqual(
    await Promise.all(refusals),
    texts.map((text) => [text, text]),
  );
});

test('router and service count calls, rows and runs; the service also those of others', async () => {
  const rows = inferFloats('rows', [1, 2, 3, 4], { shape: [2, 2] });
  await mesh.client.ask(inferPath, rows);
  await mesh.direct.ask(inferPath, rows);
  assert.match((await mesh.client.call(inferPath, inferFloats('rows', [1], { input: 'wrong' }))).result, /^INVALID/);
  const [two, one, ...others] = await statisticsOf(mesh.client, { name: 'rows' });
  assert.deepEqual([two?.version, one?.version, one?.inferenceCount, others], ['2', '1', 0, []]);
  assert.deepEqual([two?.inferenceCount, two?.executionCount], [2, 1]);
  const { success, fail, queue, computeInfer } = two?.inferenceStats ?? {};
  assert.deepEqual([success?.count, fail?.count, queue?.count, computeInfer?.count], [1, 1, 1, 1]);
  const parts = [queue, computeInfer, two?.inferenceStats?.computeInput, two?.inferenceStats?.computeOutput];
  const partsNs = parts.reduce((sum, part) => sum + (part?.ns ?? 0), 0);
  assert.ok((computeInfer?.ns ?? 0) > 0 && partsNs <= (success?.ns ?? 0) + 2e6, `${partsNs} of ${success?.ns}`);
  assert.deepEqual(
    two?.batchStats.map(({ batchSize, computeInfer: runs }) => [batchSize, runs?.count]),
    [[2, 1]],
  );
  assert.ok(Math.abs((two?.lastInference ?? 0) - Date.now()) < 60_000);

  const [served] = await statisticsOf(mesh.direct, { name: 'rows', version: '2' });
  assert.deepEqual([served?.inferenceCount, served?.executionCount], [4, 2]);
  assert.deepEqual([served?.inferenceStats?.success?.count, served?.inferenceStats?.fail?.count], [2, 1]);
});

test('ModelStatistics is for all models without a name, and refuses what nobody knows', async () => {
  assert.deepEqual(
    (await statisticsOf(mesh.client, {})).map(({ name, version }) => `${name} ${version}`),
    ['rows 2', 'rows 1'],
  );
  const refusals = [{ name: 'none' }, { name: 'rows', version: '7' }, { version: '1' }].map(
    async (request) => (await mesh.client.call(`${protocol}/ModelStatistics`, request)).result,
  );
  assert.deepEqual(await Promise.all(refusals), [
    "NOT_FOUND Request for unknown model: 'none' is not found",
    "NOT_FOUND Request for unknown model: 'rows' version 7 is not found",
    'INVALID_ARGUMENT Model name cannot be empty',
  ]);
});

test('the metrics have the names that dashboards for Triton know', async () => {
  const labels = { model: 'rows', version: '2' };
  for (const service of [mesh.router.service, mesh.custom.service]) {
    const [statistics] = await statisticsOf(service === mesh.router.service ? mesh.client : mesh.direct, {
      name: 'rows',
      version: '2',
    });
    const metrics = await scrape(service.metricsAddress as string);
    assert.equal(metrics.sum('nv_inference_count', labels), statistics?.inferenceCount);
    assert.equal(metrics.sum('nv_inference_exec_count', labels), statistics?.executionCount);
    assert.equal(metrics.sum('nv_inference_request_success', labels), statistics?.inferenceStats?.success?.count);
    assert.equal(metrics.sum('nv_inference_request_failure', { ...labels, reason: 'OTHER' }), 1);
    assert.ok(metrics.sum('nv_inference_compute_infer_duration_us', labels) > 0);
  }
});
