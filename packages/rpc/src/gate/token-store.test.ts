import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { openTokenFile, type TokenStore } from './token-store.ts';

let directory = '';

const entryFor = (token: string) => ({
  name: `name of ${token}`,
  sha256: createHash('sha256').update(token).digest('hex'),
  roles: ['infer'],
});

function write(...tokens: readonly string[]): string {
  const path = join(directory, 'tokens.json');
  writeFileSync(path, JSON.stringify({ tokens: tokens.map(entryFor) }));
  return path;
}

/** A store with a clock that the test moves on. */
function open(path: string) {
  const errors: unknown[] = [];
  let instant = 0;
  const store: TokenStore = openTokenFile(path, { now: () => instant, onError: (error) => errors.push(error) });
  const pass = (milliseconds: number) => {
    instant += milliseconds;
  };
  return { store, errors, pass };
}

describe('a store of tokens', () => {
  // Not at the top of the file: there they would be hooks of every test of the process.
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'weft-tokens-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('a token is found by its hash, and nothing else is', () => {
    const { store } = open(write('one', 'two'));
    assert.equal(store.findToken('two')?.name, 'name of two');
    for (const wrong of ['', 'three', 'One', 'one ', entryFor('one').sha256]) {
      assert.equal(store.findToken(wrong), undefined, wrong);
    }
  });

  test('an entry for a certificate is found by common name only', () => {
    const path = join(directory, 'tokens.json');
    writeFileSync(
      path,
      JSON.stringify({ tokens: [{ name: 'router', certificate: 'router.weft', roles: ['executor'] }] }),
    );
    const { store } = open(path);
    assert.equal(store.findCertificate('router.weft')?.name, 'router');
    assert.equal(store.findCertificate('router'), undefined);
    assert.equal(store.findToken('router.weft'), undefined);
  });

  test('a changed file takes effect a second later at most', () => {
    const { store, pass } = open(write('old'));
    write('new');
    pass(999);
    assert.ok(store.findToken('old'));
    pass(1);
    assert.equal(store.findToken('old'), undefined);
    assert.ok(store.findToken('new'));
  });

  test('a file that is replaced by another of the same size is read again', () => {
    const { store, pass } = open(write('aaa'));
    const next = join(directory, 'next.json');
    writeFileSync(next, JSON.stringify({ tokens: [entryFor('bbb')] }));
    renameSync(next, join(directory, 'tokens.json'));
    pass(1000);
    assert.equal(store.findToken('aaa'), undefined);
    assert.ok(store.findToken('bbb'));
  });

  test('a broken file is reported once and leaves the tokens in force', () => {
    const { store, errors, pass } = open(write('old'));
    writeFileSync(join(directory, 'tokens.json'), '{');
    for (let second = 0; second < 3; second += 1) {
      pass(1000);
      assert.ok(store.findToken('old'));
    }
    assert.equal(errors.length, 1);
    write('new');
    pass(1000);
    assert.ok(store.findToken('new'));
  });

  test('a file that is gone is reported once, and read when it is back', () => {
    const path = write('old');
    const { store, errors, pass } = open(path);
    rmSync(path);
    for (let second = 0; second < 2; second += 1) {
      pass(1000);
      assert.ok(store.findToken('old'));
    }
    assert.equal(errors.length, 1);
    write('new');
    pass(1000);
    assert.ok(store.findToken('new'));
  });

  test('a missing or malformed file is an error at the start that names it', () => {
    const missing = join(directory, 'none.json');
    assert.throws(() => open(missing), {
      code: 'FAILED_PRECONDITION',
      message: `token file ${missing}: there is no such file`,
    });
    const path = write();
    writeFileSync(path, '[]');
    assert.throws(() => open(path), { code: 'FAILED_PRECONDITION' });
  });
});
