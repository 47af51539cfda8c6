import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { watchFile } from './watched-file.ts';

test('a file is parsed again only after it has changed, and is looked at once a second', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-watched-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'file');
  writeFileSync(path, 'a');
  let [instant, parsed] = [0, 0];
  const parse = (text: string) => {
    parsed += 1;
    return text;
  };
  const content = watchFile(path, { parse, now: () => instant, onError: (error) => assert.fail(String(error)) });
  const at = (milliseconds: number) => {
    instant = milliseconds;
    return [content(), parsed];
  };
  assert.deepEqual(
    [at(0), at(1000), at(2000)],
    [
      ['a', 1],
      ['a', 1],
      ['a', 1],
    ],
  );
  writeFileSync(path, 'bc');
  assert.deepEqual(at(2999), ['a', 1]);
  assert.deepEqual(
    [at(3000), at(4000), at(5000)],
    [
      ['bc', 2],
      ['bc', 2],
      ['bc', 2],
    ],
  );
});
