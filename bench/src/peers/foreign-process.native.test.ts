import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startForeign } from './foreign-process.ts';

const folder = await mkdtemp(join(tmpdir(), 'weft-foreign-'));
after(() => rm(folder, { recursive: true }));

function start(script: string) {
  const logFile = join(folder, 'log');
  return startForeign({ command: 'sh', args: ['-c', script], cwd: folder, env: { ANSWER: '42' }, logFile });
}

/** Whether it runs; one that ended and that nobody has asked about since does not. */
function runs(pid: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'stat=', '-p', pid], (_, stdout) => resolve(/^[^Z\s]/u.test(stdout.trim())));
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}

test('a command that ends with its input takes the processes along that it left behind', {
  timeout: 20_000,
}, async () => {
  const foreign = await start('sleep 300 & echo $!; echo $ANSWER; cat');
  let printed: string[] = [];
  await until(async () => (printed = (await readFile(join(folder, 'log'), 'utf8')).trim().split('\n')).length === 2);
  const [sleeper = '', answer] = printed;
  assert.equal(answer, '42');
  assert.equal(foreign.ended(), undefined);
  assert.ok(await runs(sleeper));
  await foreign.stop();
  await until(async () => !(await runs(sleeper)));
});

test('a command that ends by itself says how, with its last words', { timeout: 20_000 }, async () => {
  const foreign = await start('echo first; echo the port is taken; exit 3');
  await until(async () => foreign.ended()?.includes('taken') === true);
  assert.equal(foreign.ended(), 'it ended with code 3: first | the port is taken');
  await foreign.stop();
});

test('a command that there is not is told, and stopped all the same', { timeout: 20_000 }, async () => {
  const logFile = join(folder, 'log');
  const foreign = await startForeign({ command: '/nonesuch', args: [], cwd: folder, env: {}, logFile });
  await until(async () => foreign.ended() !== undefined);
  assert.match(foreign.ended() as string, /ENOENT/);
  await foreign.stop();
});
