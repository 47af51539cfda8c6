import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Detokenizer } from './detokenizer.ts';

/** Tokens are bytes. */
const decodeBytes = (tokens: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(tokens));
/** Tokens are words; all but the first of a text have a space before them, as SentencePiece decodes them. */
const decodeWords = (tokens: readonly number[]): string => tokens.map((token) => `w${token}`).join(' ');

type Decode = (tokens: readonly number[]) => string;

function pieces(decode: Decode, tokens: readonly number[], prompt: readonly number[] = []): string[] {
  const detokenizer = new Detokenizer(decode, prompt);
  return [...tokens.map((token) => detokenizer.push(token)), detokenizer.flush()];
}

test('the pieces together are the text, of bytes and of words', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(pieces(decodeBytes, [...Buffer.from(text)]).join(''), text);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.nat(99)), (words) => {
      assert.equal(pieces(decodeWords, words).join(''), decodeWords(words));
    }),
  );
});

test('behind a prompt the pieces together are what the prompt lacks of the whole text', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(99), { minLength: 1 }), fc.array(fc.nat(99)), (prompt, words) => {
      const whole = decodeWords([...prompt, ...words]);
      assert.equal(decodeWords(prompt) + pieces(decodeWords, words, prompt).join(''), whole);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (prompt, text) => {
      assert.equal(pieces(decodeBytes, [...Buffer.from(text)], [...Buffer.from(prompt)]).join(''), text);
    }),
  );
});

test('a character comes once it is whole', () => {
  assert.deepEqual(pieces(decodeBytes, [...Buffer.from('a🐎b')]), ['a', '', '', '', '🐎', 'b', '']);
});

test('bytes that are no character come with what follows, or at the end', () => {
  assert.deepEqual(pieces(decodeBytes, [0xf0, 0x9f, 0x41]), ['', '', '\ufffdA', '']);
  assert.deepEqual(pieces(decodeBytes, [0x41, 0xf0]), ['A', '', '\ufffd']);
});

test('tokens that never make a character are decoded no more than a few at a time', () => {
  let longest = 0;
  const decode = (tokens: readonly number[]): string => {
    longest = Math.max(longest, tokens.length);
    return decodeBytes(tokens);
  };
  assert.equal(pieces(decode, new Array<number>(500).fill(0xff)).join(''), '\ufffd'.repeat(500));
  assert.ok(longest <= 128, `${longest}`);
});
