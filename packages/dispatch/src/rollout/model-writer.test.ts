import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryEventLog } from '@weft/models/testing';
import { createLog } from '@weft/telemetry';
import { DesiredModels } from './desired-models.ts';
import { ModelWriter } from './model-writer.ts';

function startWriter() {
  const eventLog = new MemoryEventLog();
  const log = createLog({ level: 'silent', fields: {}, destination: { write: () => {} } });
  const desired = new DesiredModels({ eventLog, log, onChange: () => {} });
  const writer = new ModelWriter({ eventLog, desired, wallClock: () => 0 });
  desired.start();
  const author = { name: 'test', traceparent: '' };
  const change = async (fields: { loadGeneration?: number; unloaded?: boolean } | undefined) => {
    const plan = fields === undefined ? undefined : { reason: 'a test', service: 'custom', ...fields };
    const { revision, model } = await writer.change('m', author, () => plan);
    return [revision, model.loadGeneration, model.unloaded];
  };
  return { eventLog, desired, change };
}

test('a log that lost its files takes the next change as a first event, with all that was known', async () => {
  const { eventLog, change } = startWriter();
  await change({ loadGeneration: 5 });
  await change({ loadGeneration: 6 });
  eventLog.cutOff('away');
  eventLog.empty();
  await assert.rejects(change({ unloaded: true }), { code: 'UNAVAILABLE' });
  eventLog.cutOff(undefined);
  assert.deepEqual(await change({ unloaded: true }), [1, 6, true]);
  assert.deepEqual(await change({ loadGeneration: 7 }), [2, 7, true]);
});

test('a log that lost its files takes a change also before the loss was heard of', async () => {
  const { eventLog, change } = startWriter();
  await change({ loadGeneration: 5 });
  await change({ loadGeneration: 6 });
  eventLog.empty();
  assert.deepEqual(await change({ unloaded: true }), [1, 6, true]);
});

test('what a model says already is written again only to a log that has lost it', async () => {
  const { eventLog, desired, change } = startWriter();
  await change({ loadGeneration: 5 });
  await change({ loadGeneration: 6 });
  assert.deepEqual(await change(undefined), [2, 6, false]);
  eventLog.cutOff('away');
  eventLog.empty();
  eventLog.cutOff(undefined);
  assert.deepEqual(await change(undefined), [1, 6, false]);
  assert.deepEqual(await change(undefined), [1, 6, false]);
  assert.equal(desired.revisionOf('m'), 1);
});
