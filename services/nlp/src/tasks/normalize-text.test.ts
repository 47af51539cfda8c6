import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeText } from './normalize-text.ts';

test('words are separated by one mark each, whatever blanks stand between and around them', () => {
  assert.equal(normalizeText(' two\t\n words\u200b\u2581 \u0085'), '▁two▁words');
});

test('a text of nothing but blanks and control characters is empty', () => {
  assert.equal(normalizeText(''), '');
  assert.equal(normalizeText(' \r\n\u3000\ufeff\0\x1b▁'), '');
});

test('control characters vanish and compatible characters become the usual ones', () => {
  assert.equal(normalizeText('a\0b ﬁ Ⅷ e\u0301 ½'), '▁ab▁fi▁VIII▁é▁1⁄2');
});

test('normalising twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const once = normalizeText(text);
      assert.equal(normalizeText(once), once);
    }),
  );
});

test('a word is never empty', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(' ', '▁', '\0', '\u200b', 'a', '\u0301'), maxLength: 20 }),
      (text) => {
        assert.doesNotMatch(normalizeText(text), /^[^▁]|▁▁|▁$/);
      },
    ),
  );
});
