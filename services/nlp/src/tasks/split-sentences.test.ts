import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitSentences } from './split-sentences.ts';

const split = (text: string) => splitSentences(text).map((sentence) => sentence.text);

test('a sentence ends at its mark, with quotes and brackets behind it', () => {
  assert.deepEqual(split('Yes! (Sure.) “Is it?” Well… it is 3.14 metres, or so.'), [
    'Yes!',
    '(Sure.)',
    '“Is it?”',
    'Well… it is 3.14 metres, or so.',
  ]);
});

test('abbreviations and initials do not end a sentence', () => {
  const sentences = [
    'Dr. Smith met Prof. J. R. Miller vs. Mrs. Jones, e.g. Anna, in St. Louis.',
    'See Fig. 3, No. 5 and pp. 7.',
    'They left at 9 a.m. and slept.',
  ];
  assert.deepEqual(split(sentences.join(' ')), sentences);
});

test('words of the narrator belong to the speech before them', () => {
  assert.deepEqual(split('"Really?" he asked. "No!" Then he went.'), ['"Really?" he asked.', '"No!"', 'Then he went.']);
});

test('a line break is a blank, but an empty line and a list item begin a sentence', () => {
  const text = 'A sentence on\r\ntwo lines. Another\none\n\nA paragraph\n- first item\n2. second item\nthat goes on';
  assert.deepEqual(split(text), [
    'A sentence on two lines.',
    'Another one',
    'A paragraph',
    '- first item',
    '2. second item that goes on',
  ]);
});

test('a text of blanks has no sentences', () => {
  assert.deepEqual(split(''), []);
  assert.deepEqual(split(' \n\n\t '), []);
});

test('positions point at the sentence in the text', () => {
  assert.deepEqual(splitSentences('  One.\nTwo  now. '), [
    { start: 2, end: 6, text: 'One.' },
    { start: 7, end: 16, text: 'Two now.' },
  ]);
});

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        'Dr.',
        'He',
        'went.',
        'A.',
        '?!',
        '"',
        '\n',
        '\r\n',
        '\n\n',
        '- ',
        '3.14',
        ' ',
        '😀',
        'e\u0301',
        '。',
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join('')),
);

test('sentences lie side by side, and nothing but blanks lies between them', () => {
  fc.assert(
    fc.property(texts, (text) => {
      let behind = 0;
      for (const { start, end, text: sentence } of splitSentences(text)) {
        assert.equal(text.slice(behind, start).trim(), '');
        assert.ok(start >= behind && end > start);
        assert.equal(sentence, text.slice(start, end).replace(/\s+/gu, ' '));
        assert.equal(sentence, sentence.trim());
        behind = end;
      }
      assert.equal(text.slice(behind).trim(), '');
    }),
  );
});

test('a long text has the sentences of its parts, however it falls into windows', () => {
  const part = 'Some sentence stands here. Another, by Dr. Who, is there! And\na third? ';
  assert.deepEqual(split(part.repeat(200)), new Array(200).fill(split(part)).flat());
  const endless = 'no end in sight '.repeat(1000);
  assert.deepEqual(split(`${endless}now. Then.`), [`${endless}now.`, 'Then.']);
});
