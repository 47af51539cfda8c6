import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sha256Of, temporaryFolder } from './testing/store-folder.ts';

const program = fileURLToPath(new URL('./testing/fill-disk.js', import.meta.url));

/** Runs a script of the shell, in which $RUN is the program in a folder of its own; that folder is $3. */
function fillDisk(t: TestContext, script: string): unknown {
  const run = script.replace('$RUN', 'exec "$1" "$2" "$3" 1000000');
  const parameters = ['sh', process.execPath, program, temporaryFolder(t)];
  const { stdout, stderr, status } = spawnSync('sh', ['-c', run, ...parameters], { encoding: 'utf8', timeout: 60_000 });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

function expected(code: string): unknown {
  const files = [`files/${sha256Of('small')}`];
  return {
    first: ['1/small.txt'],
    second: `RESOURCE_EXHAUSTED file 'model.onnx': there is no room to store it (${code})`,
    left: [...files, 'versions/1/small.txt'],
    third: ['1/small.txt'],
  };
}

test('a process that may not write so large a file leaves nothing of it, says so, and serves on', (t) => {
  const outcome = fillDisk(t, 'ulimit -f 64 && $RUN');
  assert.deepEqual(outcome, expected('EFBIG'));
});

const canMount = spawnSync('sh', ['-c', "unshare -rm sh -c 'mount -t tmpfs tmpfs /mnt'"]).status === 0;

test('a full disk leaves nothing of the version, which says so, and the others serve on', {
  skip: canMount ? false : 'no tmpfs can be mounted here (unshare -rm): only the limit of a process was tested',
}, (t) => {
  const outcome = fillDisk(t, `exec unshare -rm sh -c 'mount -t tmpfs -o size=256k tmpfs "$3" && $RUN' sh "$@"`);
  assert.deepEqual(outcome, expected('ENOSPC'));
});
