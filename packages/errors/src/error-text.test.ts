import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { errorText } from './error-text.ts';
import { WeftError } from './weft-error.ts';

describe('the text of an error', () => {
  test('of any characters is at most 2 KiB of UTF-8 and an ellipsis, and can be sent in a trailer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 4000, size: 'max' }), (message) => {
        const text = errorText(message);
        encodeURI(text);
        assert.ok(Buffer.byteLength(text) <= 2048 + 3);
      }),
    );
  });

  test('that is short stays as it is, a long one keeps its beginning, whole characters of it', () => {
    assert.equal(errorText('žluťoučký 馬 🐎'), 'žluťoučký 馬 🐎');
    assert.equal(errorText('x'.repeat(2048)), 'x'.repeat(2048));
    assert.equal(errorText('x'.repeat(2049)), `${'x'.repeat(2048)}…`);
    assert.equal(errorText(`x${'🐎'.repeat(1000)}`), `x${'🐎'.repeat(511)}…`);
  });

  test('has U+FFFD for half a character, whatever made it', () => {
    assert.equal(new WeftError('INVALID_ARGUMENT', 'a\ud800b').message, 'a\ufffdb');
    assert.equal(errorText('\udc0e🐎'), '\ufffd🐎');
  });
});
