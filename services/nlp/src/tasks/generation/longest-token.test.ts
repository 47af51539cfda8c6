import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { byteTokenizer } from '../../testing/counting-decoder.ts';
import { longestToken } from './longest-token.ts';

const byteLevel = JSON.parse(byteTokenizer()) as { added_tokens: object[]; model: { vocab: Record<string, number> } };
const merged = {
  ...byteLevel,
  model: {
    ...byteLevel.model,
    vocab: { ...byteLevel.model.vocab, aa: 300, aaaa: 301, ĠĠ: 302 },
    merges: ['a a', 'aa aa', 'Ġ Ġ'],
  },
};
const composing = { ...merged, normalizer: { type: 'NFC' } };
const sentencePiece = {
  added_tokens: [],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: {
    type: 'BPE',
    byte_fallback: true,
    fuse_unk: true,
    unk_token: '<unk>',
    vocab: Object.fromEntries([
      ...Array.from({ length: 256 }, (_, byte) => [`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, byte]),
      ...['<unk>', '▁', 'a', 'aa', '▁▁'].map((text, index) => [text, 256 + index]),
    ]) as Record<string, number>,
    merges: ['a a', '▁ ▁'],
  },
};

describe('a text has no more characters than its tokens can stand for', () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('a', ' ', 'e\u0301', '<|end|>'), fc.string({ unit: 'grapheme' })),
  });
  for (const [name, file] of Object.entries({ byteLevel, merged, composing, sentencePiece }))
    test(name, () => {
      const tokenizer = new Tokenizer(file, {});
      const longest = longestToken(file);
      assert.ok(Number.isFinite(longest));
      fc.assert(fc.property(text, (given) => given.length <= tokenizer.encode(given).ids.length * longest));
    });

  test('normalized, whatever its characters are made of', () => {
    // Above the third plane nothing is made of other characters.
    const characters = Array.from({ length: 0x30000 }, (_, code) => String.fromCodePoint(code));
    const decomposed = characters.map((one) => one.normalize('NFKD')).filter((text, code) => text !== characters[code]);
    assert.ok(decomposed.length > 10_000);
    for (const type of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
      const most = longestToken({ ...merged, normalizer: { type } }) / longestToken(merged);
      const keeps = (given: string): boolean => given.length <= given.normalize(type).length * most;
      assert.deepEqual(
        decomposed.filter((given) => !keeps(given)),
        [],
      );
    }
  });
});

test('the longest token is counted, special ones too', () => {
  assert.equal(longestToken(byteLevel), '<|begin|>'.length);
  assert.equal(longestToken(sentencePiece), '<0x00>'.length);
});

describe('nothing is known of a tokenizer', () => {
  const { '<0x41>': _, ...incomplete } = sentencePiece.model.vocab;
  for (const [reason, file] of Object.entries({
    'whose special tokens swallow blanks': { ...byteLevel, added_tokens: [{ content: '<|end|>', rstrip: true }] },
    'that drops what is between words': { ...byteLevel, pre_tokenizer: { type: 'Whitespace' } },
    'that splits at what it removes': {
      ...sentencePiece,
      pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'Removed', invert: false },
    },
    'that makes one blank of several': {
      ...sentencePiece,
      normalizer: { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' },
    },
    'that strips a text': { ...byteLevel, normalizer: { type: 'Strip', strip_left: true, strip_right: true } },
    'that does not know every byte': { ...sentencePiece, model: { ...sentencePiece.model, vocab: incomplete } },
    'of another kind': { ...byteLevel, model: { type: 'Unigram', vocab: [['a', -1]] } },
  }))
    test(reason, () => {
      assert.equal(longestToken(file), Number.POSITIVE_INFINITY);
    });
});
