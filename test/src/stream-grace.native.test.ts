// A stream that does not end keeps the version that it is with in memory, but not for ever.
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
import { StreamReports } from './testing/stream-reports.ts';
import { generate, writeStreamingModel } from './testing/streaming-model.ts';

interface Index {
  readonly models: readonly { readonly version: string; readonly state: string }[];
}

test('a replaced version ends the streams that outlast their grace, and is unloaded', {
  timeout: 60_000,
}, async (t) => {
  const folder = temporaryFolder();
  const reports = new StreamReports();
  const repository = join(folder.path, 'models');
  await writeStreamingModel(repository, 'm');
  const argv = ['--data-directory', folder.path];
  const service = await startModelService('streaming', repository, { args: [...argv, '--stream-grace', '300ms'] });
  await service.service.ready;
  const eventLog = openEventLog(readSettings(customSettings, { argv, env: {} }), { writes: true });
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
  const endless = generate(client, 'wait for-ever');
  assert.notEqual(await endless.next(), undefined);

  await mkdir(join(repository, 'm', '2'));
  await client.ask('/inference.GRPCInferenceService/RepositoryModelLoad', { modelName: 'm' });
  await endless.rest();
  const text = "UNAVAILABLE model 'm' version 1 ends its streams: it was unloaded 300ms ago (--stream-grace)";
  assert.equal(await endless.result(), text);
  const versions = async (): Promise<string> => {
    const { models } = await client.ask<Index>('/inference.GRPCInferenceService/RepositoryIndex', {});
    return models.map(({ version, state }) => `${version} ${state}`).join();
  };
  while ((await versions()) !== '2 READY');
});
