import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ForeignMissing } from './foreign-missing.ts';
import { installStep } from './install-step.ts';

const node = (script: string) => installStep({ what: 'the step', command: process.execPath, args: ['--eval', script] });

test('a step gives what its command printed', async () => {
  assert.equal(await node("console.log('done')"), 'done\n');
});

test('a step that fails tells the last three lines of its errors', async () => {
  const failing = "console.error('a\\nb\\nc\\nd'); process.exit(3)";
  await assert.rejects(node(failing), new ForeignMissing('the step failed: b c d'));
});

test('a command that is not there is told as such', async () => {
  const missing = installStep({ what: 'the step', command: 'weft-no-such-command', args: [] });
  await assert.rejects(missing, { name: 'ForeignMissing', message: /^the step failed: .*ENOENT/ });
});
