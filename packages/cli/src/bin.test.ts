// The executable itself, in a process of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const executable = fileURLToPath(new URL('../bin/weft.js', import.meta.url));

function run(script: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

test('a result goes to stdout, and the exit code tells success', () => {
  const { status, stdout, stderr } = run(executable, 'help', 'settings', '--json');
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.ok(Array.isArray((JSON.parse(stdout) as { groups: unknown }).groups));
});

test('wrong usage is one line on stderr and exit code 2', () => {
  assert.deepEqual(run(executable, 'embed'), {
    status: 2,
    stdout: '',
    stderr: 'weft: missing text: give texts, - for stdin, or --file\n',
  });
});

test('before the first build it says what to do', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-bin-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(executable, join(folder, 'weft.mjs'));
  const { status, stdout, stderr } = run(join(folder, 'weft.mjs'));
  assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
  assert.match(stderr, /^weft: not built yet: run `npm start`[^\n]*\n$/);
});
