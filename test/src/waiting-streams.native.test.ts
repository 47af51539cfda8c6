// Streams that wait at a router for a slot, while the model that they wait for changes, and what the metrics tell of them.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSettings } from '@weft/config';
import { customSettings } from '@weft/custom';
import { openEventLog } from '@weft/models';
import { temporaryFolder } from './testing/author-models.ts';
import { dial } from './testing/dial.ts';
import { startModelService, startRouterOver } from './testing/local-mesh.ts';
import { type Metrics, scrape } from './testing/scrape.ts';
import { StreamReports } from './testing/stream-reports.ts';
import { generate, writeStreamingModel } from './testing/streaming-model.ts';

const loadPath = '/inference.GRPCInferenceService/RepositoryModelLoad';

test('a version that follows under waiting streams gets them all, and the metrics tell of their line', {
  timeout: 60_000,
}, async (t) => {
  const folder = temporaryFolder();
  const reports = new StreamReports();
  const repository = join(folder.path, 'models');
  await writeStreamingModel(repository, 'm');
  const argv = ['--data-directory', folder.path];
  const service = await startModelService('streaming', repository, { args: argv });
  const eventLog = openEventLog(readSettings(customSettings, { argv, env: {} }), { writes: true });
  await service.service.ready;
  const router = await startRouterOver([service.address], { eventLog });
  const client = dial(router.address);
  t.after(async () => {
    client.close();
    await router.stop();
    await eventLog.close();
    await service.stop();
    reports.close();
    folder.remove();
  });
  const metrics = () => scrape(String(router.service.metricsAddress));
  const until = async (holds: (metrics: Metrics) => boolean): Promise<void> => {
    while (!holds(await metrics()));
  };
  const slots = ({ sum }: Metrics, version: string) =>
    ['taken', 'free'].map((state) => sum('weft_stream_slots', { model: 'm', version, state }));

  const names = ['a', 'b', 'c', 'd'];
  const held = names.map((name) => generate(client, `wait ${name}`));
  for (const call of held) await call.next();
  const waiting = Array.from({ length: 20 }, () => generate(client, 'count 1 1 waiting'));
  await until(({ sum }) => sum('weft_streams_waiting', { model: 'm', version: '1' }) === 20);
  assert.deepEqual(slots(await metrics(), '1'), [4, 0]);
  assert.equal((await metrics()).sum('nv_inference_pending_request_count', { model: 'm', version: '1' }), 20);

  await mkdir(join(repository, 'm', '2'));
  await client.ask(loadPath, { modelName: 'm' });
  const answers = await Promise.all(waiting.map((call) => call.rest()));
  assert.deepEqual(new Set(await Promise.all(waiting.map((call) => call.result()))), new Set(['OK']));
  assert.deepEqual(new Set(answers.map(([first]) => first?.modelVersion)), new Set(['2']));
  for (const [at, name] of names.entries()) {
    await reports.hear(`waiting ${name}`);
    reports.go(name);
    assert.equal((await held[at]?.rest())?.[0]?.text, 'went on');
  }
  await until((now) => slots(now, '2').join() === '0,4' && now.sum('weft_streams_waiting') === 0);
  const { sum } = await metrics();
  assert.equal(sum('weft_stream_queue_seconds_count', { model: 'm', version: '1' }), 4);
  assert.equal(sum('weft_stream_queue_seconds_count', { model: 'm', version: '2' }), 20);
  assert.ok(sum('weft_stream_queue_seconds_sum', { model: 'm', version: '2' }) > 0);
});
