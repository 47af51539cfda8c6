// The router's knowledge on the real event logs: one that comes back without its files, and one that is put back from a backup.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventLogSettings, readSettings } from '@weft/config';
import { openEventLog } from '@weft/models';
import { startNatsServer, withoutNatsServer } from '@weft/models/testing';
import { createLog } from '@weft/telemetry';
import { DesiredModels } from './desired-models.ts';
import { ModelWriter } from './model-writer.ts';

const timeout = 60_000;

/** What a router has of the log. */
function startWriter(
  t: TestContext,
  { nats = [], dataDirectory = 'unused' }: { nats?: string[]; dataDirectory?: string },
) {
  const settings = { ...readSettings(eventLogSettings, { argv: [], env: {} }), nats, dataDirectory };
  const eventLog = openEventLog(settings, { writes: true });
  const log = createLog({ level: 'silent', fields: {}, destination: { write: () => {} } });
  let onChange = (): void => {};
  const desired = new DesiredModels({ eventLog, log, onChange: () => onChange() });
  const writer = new ModelWriter({ eventLog, desired, wallClock: () => 0 });
  desired.start();
  t.after(() => eventLog.close());
  const author = { name: 'test', traceparent: '' };
  return {
    /** Resolves to the revision of the event. */
    async load(model: string, loadGeneration: number): Promise<number> {
      const plan = { reason: 'a test', service: 'custom', loadGeneration };
      return (await writer.change(model, author, () => plan)).revision;
    },
    async hears(model: string, loadGeneration: number): Promise<void> {
      await new Promise<void>((resolve) => {
        onChange = () => {
          if (desired.models.get(model)?.loadGeneration === loadGeneration && desired.problem === undefined) resolve();
        };
        onChange();
      });
    },
  };
}

test('after NATS has lost its files every model can be changed, as with a first event', {
  skip: withoutNatsServer,
  timeout,
}, async (t) => {
  const server = await startNatsServer();
  t.after(() => server.close());
  const { load } = startWriter(t, { nats: [server.url] });
  assert.deepEqual([await load('m', 1), await load('m', 2), await load('n', 1)], [1, 2, 3]);
  await server.stop('SIGKILL');
  await server.start({ empty: true });
  assert.deepEqual([await load('m', 3), await load('n', 2), await load('m', 4)], [1, 2, 3]);
  const other = startWriter(t, { nats: [server.url] });
  await other.hears('m', 4);
  await other.hears('n', 2);
});

const ways = { 'written over it': cpSync, 'moved to its place': renameSync };

for (const [way, putBack] of Object.entries(ways)) {
  test(`a backup of the log's file that is ${way} is followed by a router that runs, and written on`, {
    timeout,
  }, async (t) => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'weft-lost-log-'));
    t.after(() => rmSync(dataDirectory, { recursive: true, force: true }));
    const [file, backup] = [join(dataDirectory, 'events', 'log'), join(dataDirectory, 'backup')];
    const { load, hears } = startWriter(t, { dataDirectory });
    await load('m', 1);
    await load('n', 1);
    cpSync(file, backup);
    await load('m', 2);
    await load('o', 1);
    await hears('o', 1);
    putBack(backup, file);
    await hears('m', 1);
    assert.deepEqual([await load('m', 3), await load('o', 2), await load('n', 2)], [3, 4, 5]);
    await hears('n', 2);
    const reader = startWriter(t, { dataDirectory });
    await reader.hears('m', 3);
    await reader.hears('o', 2);
  });
}
