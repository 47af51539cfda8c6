import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSymbolLabels } from './symbol-labels.ts';

test('a symbol is called by its first name, with its character', () => {
  assert.deepEqual(parseSymbolLabels('[{"char":"∑","names":["sum"]},{"char":"$","names":["dollar","peso"]}]'), [
    'sum (∑)',
    'dollar ($)',
  ]);
});

test('anything but a list of symbols is refused', () => {
  for (const text of ['', 'a\nb', '{}', '[null]', '[{"char":"a"}]', '[{"char":"a","names":[]}]', '[{"names":["a"]}]']) {
    assert.throws(() => parseSymbolLabels(text), { code: 'INVALID_ARGUMENT', message: /^weft\.file\.labels: / }, text);
  }
});
