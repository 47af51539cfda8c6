import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkText, checkTexts } from './check-texts.ts';

const limits = { maxImagePixels: 0, maxTextBytes: 6, maxTexts: 2 };
const invalid = (message: string) => ({ code: 'INVALID_ARGUMENT', message });

test('texts within the limits pass, empty ones too', () => {
  checkTexts('texts', ['', '123456'], limits);
  checkText('query', 'äöü', limits);
});

test('an empty list and one that is too long are refused with the limit', () => {
  assert.throws(() => checkTexts('texts', [], limits), invalid('texts: must hold at least one text'));
  assert.throws(
    () => checkTexts('documents', ['a', 'b', 'c'], limits),
    invalid('documents: holds 3 texts, the limit is 2'),
  );
});

test('a text over the limit of bytes is refused with its position', () => {
  assert.throws(() => checkTexts('texts', ['a', 'äöüx'], limits), invalid('texts[1]: 7 bytes, the limit is 6 bytes'));
  assert.throws(() => checkText('text', '1234567', limits), invalid('text: 7 bytes, the limit is 6 bytes'));
});

test('a single text of blanks is refused as empty', () => {
  assert.throws(() => checkText('query', ' \n', limits), invalid('query: must not be empty'));
});
