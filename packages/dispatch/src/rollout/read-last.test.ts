import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryEventLog } from '@weft/models/testing';
import { readLast } from './read-last.ts';

test('the last event of one model is read, or that there is none, or why it cannot be', async () => {
  const eventLog = new MemoryEventLog();
  for (const model of ['m', 'n']) await eventLog.append({ model, bytes: Buffer.from(model), after: 0 });
  assert.deepEqual([(await readLast(eventLog, 'm'))?.revision, await readLast(eventLog, 'o')], [1, undefined]);
  eventLog.cutOff('the log is on fire');
  await assert.rejects(readLast(eventLog, 'm'), { code: 'UNAVAILABLE', message: 'the log is on fire' });
  await eventLog.close();
  await assert.rejects(readLast(eventLog, 'm'), { code: 'UNAVAILABLE', message: 'the event log is closed' });
});

test('a log that says nothing, as one does that is closed meanwhile, is not waited for without end', async () => {
  let followers = 0;
  const silent = {
    follow() {
      followers += 1;
      return () => void followers--;
    },
  };
  await assert.rejects(readLast(silent, 'm', 5), { code: 'UNAVAILABLE', message: /has not told of 'm' in time/ });
  assert.equal(followers, 0);
});
