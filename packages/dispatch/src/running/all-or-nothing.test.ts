import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOrNothing } from './all-or-nothing.ts';

test('a start that succeeds ends nothing', async () => {
  const ended: string[] = [];
  const started = allOrNothing(async (onFailure) => {
    onFailure(() => ended.push('log'));
    return 'running';
  });
  assert.equal(await started, 'running');
  assert.deepEqual(ended, []);
});

test('a start that fails ends what it had begun, last first, and says why it failed, also where an end fails', async () => {
  const ended: string[] = [];
  const started = allOrNothing(async (onFailure) => {
    onFailure(async () => void ended.push('log'));
    onFailure(() => Promise.reject(new Error('the log is gone')));
    onFailure(() => {
      throw new Error('not listening');
    });
    onFailure(() => ended.push('server'));
    throw new Error('no such file');
  });
  await assert.rejects(started, { message: 'no such file' });
  assert.deepEqual(ended, ['server', 'log']);
});
