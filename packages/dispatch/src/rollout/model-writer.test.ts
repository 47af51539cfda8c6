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
  return { eventLog, desired, writer, change };
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

test('a model that outgrows its event is told so, with what can be done, before anything is written', async () => {
  const { desired, writer } = startWriter();
  const author = { name: 'test', traceparent: '' };
  const files = [{ path: `${'x'.repeat(600_000)}.onnx`, sha256: '0'.repeat(64), size: 1 }];
  const plan = () => ({ reason: 'a test', service: 'custom', newVersion: { version: '1', files } });
  const refusal = {
    code: 'INVALID_ARGUMENT',
    message:
      /^model 'm' has outgrown its event: 6\d{5} bytes with 1 pushed version, and at most 524288 fit\. .*version_policy/,
  };
  assert.throws(() => writer.check('m', author, plan), refusal);
  await assert.rejects(writer.change('m', author, plan), refusal);
  assert.equal(desired.revisionOf('m'), 0);
  writer.check('m', author, () => ({ reason: 'a test', service: 'custom' }));
  assert.equal(desired.revisionOf('m'), 0);
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
