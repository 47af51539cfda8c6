// The task `text-embedding`: Embed, Rank, Summarize and Tokenize on a sentence encoder with its SentencePiece vocabulary
// (`weft.file.vocabulary`). The model reads the first `weft.max_tokens` tokens of a text.
import { invalidArgument } from '@weft/errors';
import { inferOwn, type Task, type TaskContext } from '@weft/runtime';
import { embedMethod } from './embed.ts';
import { rankMethod } from './rank.ts';
import { readVocabulary } from './read-vocabulary.ts';
import { createSentenceEncoder } from './sentence-encoder.ts';
import { summarizeMethod } from './summarize.ts';
import { tokenizeMethod } from './tokenize.ts';
import { createUnigramTokenizer } from './unigram-tokenizer.ts';

const defaultMaxTokens = '128';
const warmupText = 'The parcel was sent on Monday and should arrive before the end of the week.';

export async function textEmbedding(context: TaskContext): Promise<Task> {
  const tokenizer = createUnigramTokenizer(await readVocabulary(context.file('vocabulary')));
  const maxTokens = positiveInteger('weft.max_tokens', context.parameter('max_tokens') ?? defaultMaxTokens);
  const model = await context.openModel();
  const encoder = createSentenceEncoder(model, tokenizer, { maxTokens, maxRows: context.maxRows(model) });
  const embed = embedMethod(encoder, context.limits);
  return {
    methods: [
      embed,
      rankMethod(encoder, context.limits),
      summarizeMethod(encoder, context.limits),
      tokenizeMethod(tokenizer, context.limits),
    ],
    async warmup(rows) {
      await inferOwn(embed, new Array<object>(rows).fill({ texts: [warmupText] }));
    },
  };
}

function positiveInteger(name: string, value: string): number {
  if (!/^[1-9]\d{0,5}$/u.test(value)) throw invalidArgument(`${name}: must be a positive integer, not '${value}'`);
  return Number(value);
}
