import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SharedMemory } from './shared-memory.ts';

/** Shared memory whose objects lie in a folder of the test: one of 16 bytes, a link, a folder. */
function objects(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'weft-shm-'));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'plain'), Buffer.from('0123456789abcdef'));
  symlinkSync('/etc/passwd', join(directory, 'link'));
  mkdirSync(join(directory, 'folder'));
  const memory = new SharedMemory(directory);
  t.after(() => memory.unregister(''));
  return { memory, directory };
}

const region = { name: 'r', key: '/plain', offset: 4, byteSize: 8 };

test('a registered region is read and written within its bounds, counted from its own beginning', (t) => {
  const { memory } = objects(t);
  memory.register(region);
  assert.equal(memory.read({ region: 'r', offset: 1, byteSize: 7 }).toString(), '56789ab');
  memory.write({ region: 'r', offset: 6, byteSize: 2 }, Buffer.from('XY'));
  assert.equal(memory.read({ region: 'r', offset: 0, byteSize: 8 }).toString(), '456789XY');
  const beyond = { message: "Invalid offset + byte size for shared memory region: 'r'", code: 'INVALID_ARGUMENT' };
  assert.throws(() => memory.read({ region: 'r', offset: 1, byteSize: 8 }), beyond);
  assert.throws(() => memory.write({ region: 'r', offset: 8, byteSize: 1 }, Buffer.from('x')), beyond);
});

test('only plain objects by a plain name are registered, within their bounds, and no text names a path', (t) => {
  const { memory, directory } = objects(t);
  const refusal = (fields: object): string => {
    try {
      memory.register({ ...region, ...fields });
    } catch (thrown) {
      return (thrown as Error).message;
    }
    return 'registered';
  };
  const badKey = 'a shared memory key is one name, with no slash but a leading one';
  for (const key of [
    '',
    '/',
    '.',
    '..',
    '/..',
    '../etc/passwd',
    '//plain',
    'folder/x',
    'a\0b',
    'a\\b',
    'x'.repeat(256),
  ])
    assert.equal(refusal({ key }), badKey, key);
  for (const key of ['link', 'folder', 'none']) {
    assert.equal(refusal({ key }), `Unable to open shared memory region: '${key}'`);
    assert.ok(!refusal({ key }).includes(directory));
  }
  assert.equal(refusal({ name: '' }), 'shared memory region name cannot be empty');
  const beyond = "failed to register shared memory region 'r': it goes beyond the end of its object";
  assert.equal(refusal({ offset: 9 }), beyond);
  assert.equal(refusal({ byteSize: 2 ** 63 }), beyond);
  assert.equal(refusal({ byteSize: 0 }), "failed to register shared memory region 'r': its byte size is 0");
  assert.deepEqual(memory.status(''), []);
});

test('a name is registered once, and again after it was taken back; what is not there is told', (t) => {
  const { memory } = objects(t);
  memory.register(region);
  assert.throws(() => memory.register(region), {
    code: 'ALREADY_EXISTS',
    message: "shared memory region 'r' already in manager",
  });
  memory.unregister('r');
  memory.unregister('r');
  assert.throws(() => memory.status('r'), {
    code: 'NOT_FOUND',
    message: "Unable to find system shared memory region: 'r'",
  });
  assert.throws(() => memory.read({ region: 'r', offset: 0, byteSize: 1 }), {
    message: "Unable to find shared memory region: 'r'",
  });
  memory.register(region);
  assert.equal(memory.status('r').length, 1);
});

test('an object that was cut short is neither read beyond its end nor lengthened', (t) => {
  const { memory, directory } = objects(t);
  memory.register(region);
  truncateSync(join(directory, 'plain'), 6);
  const shorter = { message: "shared memory region 'r' is shorter than it was registered" };
  assert.throws(() => memory.read({ region: 'r', offset: 0, byteSize: 8 }), shorter);
  assert.throws(() => memory.write({ region: 'r', offset: 0, byteSize: 8 }, Buffer.alloc(8)), shorter);
});
