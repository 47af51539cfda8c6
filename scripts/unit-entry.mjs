// All unit tests in one process: imports every compiled unit test file, which registers its tests with node:test.
//
// A file that cannot be imported becomes a failed test of its own and stops no other. When all tests are over but
// something (a timer, a socket, a worker) still holds the event loop, it is named and the run fails, instead of hanging.

import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from './projects.mjs';
import { listTestFiles } from './test-files.mjs';

const patienceMs = 10_000;

const { unit } = listTestFiles({ filter: process.env['WEFT_TEST_FILTER'] ?? '' });
let loaded = 0;

for (const file of unit) {
  try {
    await import(pathToFileURL(join(repositoryRoot, file)));
    loaded += 1;
  } catch (error) {
    test(`${file} can be loaded`, () => {
      throw error;
    });
  }
}

test('every unit test file was loaded', () => {
  assert.equal(loaded, unit.length);
  setTimeout(() => {
    console.error(
      `The unit tests are over, but these still hold the event loop: ${process.getActiveResourcesInfo().join(', ')}`,
    );
    process.exit(1);
  }, patienceMs).unref();
});
