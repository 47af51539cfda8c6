// The set-up's decisions, on small trees: when to install, what to remove from dist/, which tests to run.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { mendOutputs } from './build.mjs';
import { adviseOnInstallFailure } from './install-advice.mjs';
import { reasonToInstall } from './install.mjs';
import { readProject } from './projects.mjs';
import { takeSetUpLock } from './set-up-lock.mjs';
import { listTestFiles } from './test-files.mjs';

/** A folder with these files; objects become JSON. Removed after the test. */
function plant(t, files) {
  const root = mkdtempSync(join(tmpdir(), 'weft-set-up-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

const installed = () => ({
  'package.json': { dependencies: { a: '1' } },
  'package-lock.json': {
    packages: {
      '': { dependencies: { a: '1' } },
      'node_modules/a': { version: '1.0.0', integrity: 'x' },
      'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['none'], cpu: [process.arch] },
      'node_modules/fallback': { version: '1.0.0', optional: true },
    },
  },
  'node_modules/.package-lock.json': { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'x' } } },
  'node_modules/a/package.json': {},
});

test('a complete install is left alone, also without what is for other systems', (t) => {
  assert.equal(reasonToInstall(plant(t, installed())), undefined);
});

const reasons = {
  'nothing is installed': { 'node_modules/.package-lock.json': undefined },
  'node_modules/a is missing': { 'node_modules/a/package.json': undefined },
  'node_modules/a has another version': {
    'node_modules/.package-lock.json': { packages: { 'node_modules/a': { version: '0.9.0', integrity: 'x' } } },
  },
  'package.json asks for other dependencies': { 'package.json': { dependencies: { b: '1' } } },
  'Node or the platform changed': { 'node_modules/.weft-stamp': { platform: 'toaster' } },
};

for (const [reason, changes] of Object.entries(reasons)) {
  test(`an install is asked for when ${reason}`, (t) => {
    const files = Object.entries({ ...installed(), ...changes }).filter(([, content]) => content !== undefined);
    assert.equal(reasonToInstall(plant(t, Object.fromEntries(files))), reason);
  });
}

test('the advice after a failed install follows the error, not the warnings', () => {
  assert.match(adviseOnInstallFailure('npm error code ENOSPC\nnpm error nospc'), /disk is full/);
  assert.match(adviseOnInstallFailure('npm error code ENOTFOUND'), /registry cannot be reached/);
  assert.match(adviseOnInstallFailure('npm warn network is slow\nnpm error code EACCES'), /cannot be written/);
  assert.match(adviseOnInstallFailure('npm error something new'), /Remove node_modules/);
});

const project = () => ({
  'tsconfig.json': { references: [{ path: 'packages/a' }, { path: 'test' }] },
  'packages/a/tsconfig.json': { compilerOptions: { rootDir: 'src', outDir: 'dist' } },
  'packages/a/tsconfig.tsbuildinfo': '',
  'packages/a/src/x.ts': '',
  'packages/a/src/x.test.ts': '',
  'packages/a/src/deep/y.native.test.ts': '',
  'packages/a/dist/x.js': '',
  'packages/a/dist/x.test.js': '',
  'packages/a/dist/deep/y.native.test.js': '',
  'test/tsconfig.json': { compilerOptions: { rootDir: 'src', outDir: 'dist' } },
  'test/src/mesh.test.ts': '',
});

test('outputs whose source is gone are removed, and nothing else is', (t) => {
  const root = plant(t, { ...project(), 'packages/a/dist/gone.test.js': '', 'packages/a/dist/gone.d.ts.map': '' });
  const removed = mendOutputs(readProject('packages/a', root), root);
  assert.deepEqual(removed, ['packages/a/dist/gone.d.ts.map', 'packages/a/dist/gone.test.js']);
  assert.equal(existsSync(join(root, 'packages/a/dist/x.js')), true);
  assert.equal(existsSync(join(root, 'packages/a/tsconfig.tsbuildinfo')), true);
});

test('a missing output makes the compiler start afresh', (t) => {
  const root = plant(t, project());
  rmSync(join(root, 'packages/a/dist/x.js'));
  mendOutputs(readProject('packages/a', root), root);
  assert.equal(existsSync(join(root, 'packages/a/tsconfig.tsbuildinfo')), false);
});

test('native and integration tests get a process of their own, and a filter matches sources and outputs', (t) => {
  const root = plant(t, { ...project(), 'packages/a/dist/stale.test.js': '' });
  const [unit, native, mesh] = [
    'packages/a/dist/x.test.js',
    'packages/a/dist/deep/y.native.test.js',
    'test/dist/mesh.test.js',
  ];
  assert.deepEqual(listTestFiles({ root }), { unit: [unit], alone: [native, mesh] });
  assert.deepEqual(listTestFiles({ root, filter: 'a/src/x' }), { unit: [unit], alone: [] });
  assert.deepEqual(listTestFiles({ root, filter: 'dist/mesh' }), { unit: [], alone: [mesh] });
});

test('a second set-up waits for the first', async (t) => {
  const root = plant(t, {});
  const release = await takeSetUpLock(root, assert.fail);
  const waitedFor = [];
  const releaseSecond = await takeSetUpLock(root, (pid) => {
    waitedFor.push(pid);
    release();
  });
  releaseSecond();
  assert.deepEqual(waitedFor, [process.pid]);
});

test('a set-up that died, or left its lock untouched, keeps nobody out', async (t) => {
  const deadPid = 2 ** 22 + 1;
  const root = plant(t, { '.cache/set-up.lock': String(deadPid) });
  (await takeSetUpLock(root, assert.fail))();

  const lock = join(root, '.cache/set-up.lock');
  writeFileSync(lock, String(process.ppid));
  utimesSync(lock, new Date(0), new Date(0));
  (await takeSetUpLock(root, assert.fail))();
  assert.equal(existsSync(lock), false);
});
