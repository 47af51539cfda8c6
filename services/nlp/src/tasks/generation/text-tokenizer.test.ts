import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Detokenizer } from './detokenizer.ts';
import { readTextTokenizer, type TextTokenizer } from './text-tokenizer.ts';

const words = ['<s>', '</s>', '<unk>', '▁My', '▁fellow', '▁citizens', ',', '▁of', '<0xC3>', '<0xBC>'];

/** How Llama 2 and Mistral write their tokenizers, and how newer exports of SentencePiece do. */
const spellings = {
  'replaced and stripped': {
    pre_tokenizer: null,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
  },
  Metaspace: {
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true, prepend_scheme: 'first' },
    normalizer: null,
    decoder: { type: 'Metaspace', replacement: '▁', add_prefix_space: true, prepend_scheme: 'first' },
  },
};

async function tokenizerOf(t: TestContext, spelling: object): Promise<TextTokenizer> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-tokenizer-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tokenizer.json');
  const special = (content: string, id: number) => ({ id, content, special: true, normalized: false });
  const tokenizer = {
    version: '1.0',
    added_tokens: ['<s>', '</s>', '<unk>'].map(special),
    post_processor: null,
    ...spelling,
    model: {
      type: 'Unigram',
      unk_id: 2,
      vocab: words.map((word) => [word, -1]),
    },
  };
  writeFileSync(file, JSON.stringify(tokenizer));
  return readTextTokenizer(file);
}

for (const [name, spelling] of Object.entries(spellings))
  test(`the first word behind a prompt has its space: ${name}`, async (t) => {
    const tokenizer = await tokenizerOf(t, spelling);
    const prompt = tokenizer.encode('My fellow');
    assert.deepEqual(prompt, [3, 4]);
    for (const before of [prompt, [0, ...prompt], [...prompt, ...prompt, ...prompt]]) {
      const detokenizer = new Detokenizer(tokenizer.decode, before);
      const pieces = [5, 6, 7, 3].map((token) => detokenizer.push(token));
      assert.deepEqual(pieces, [' citizens', ',', ' of', ' My']);
    }
  });
