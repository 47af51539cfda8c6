// The task `text-generation`: Generate, and Tokenize, on a decoder in the layout of Hugging Face's ONNX exports, with its
// `tokenizer.json` (`weft.file.tokenizer`).
import { randomInt } from 'node:crypto';
import { totalmem } from 'node:os';
import type { Task, TaskContext, TaskMetrics } from '@weft/runtime';
import { tokenizeMethod } from '../tokenize.ts';
import { defaultCacheTokens } from './cache-room.ts';
import { openDecoder } from './decoder-model.ts';
import { generateMethod } from './generate.ts';
import { type GenerationMeter, GenerationLoop } from './generation-loop.ts';
import { readChatTemplate } from './read-chat-template.ts';
import { readGenerationSettings } from './read-generation-settings.ts';
import { Sequence } from './sequence.ts';
import { readTextTokenizer } from './text-tokenizer.ts';

/** Tokens of the text that the warm-up writes, and how many texts beside each other. */
const [warmupTokens, warmupRows] = [4, 8];

export async function textGeneration(context: TaskContext): Promise<Task> {
  const tokenizer = await readTextTokenizer(context.file('tokenizer'));
  const settings = await readGenerationSettings(context, tokenizer);
  const chatTemplate = await readChatTemplate(context);
  const model = await openDecoder(await context.openModel(), settings.maxContext);
  const giveWay = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const now = (): number => performance.now();
  const maxCacheTokens = settings.maxCacheTokens ?? defaultCacheTokens(model.layout, memoryBytes());
  const meter = meterOf(context.metrics, maxCacheTokens);
  const loop = new GenerationLoop({ model, maxCacheTokens, meter, now, giveWay });
  const { limits } = context;
  const freshSeed = (): number => randomInt(2 ** 48 - 1);
  return {
    methods: [tokenizeMethod(tokenizer, limits)],
    streams: [generateMethod({ loop, tokenizer, chatTemplate, settings, limits, freshSeed })],
    async warmup() {
      const warming = new GenerationLoop({ model, maxCacheTokens: Infinity, meter: unmeasured, now, giveWay });
      const texts = Array.from({ length: warmupRows }, (_, row) =>
        warmUp(warming, { prompt: new Array<number>(row + 1).fill(1), decode: (tokens) => tokenizer.decode(tokens) }),
      );
      await Promise.all(texts);
    },
  };
}

/** Of the machine, or of the control group that the process is in. */
function memoryBytes(): number {
  // 0, or more than there is: no limit.
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}

async function warmUp(
  loop: GenerationLoop,
  { prompt, decode }: { readonly prompt: readonly number[]; readonly decode: (tokens: readonly number[]) => string },
): Promise<void> {
  const sequence = new Sequence({
    prompt,
    decode,
    maxTokens: warmupTokens,
    sampling: { temperature: 1, topP: 0.9 },
    stops: [],
    endTokens: new Set(),
    random: () => 0.5,
  });
  loop.add(sequence);
  // Read to its end: a model that cannot do it is not to be served.
  for await (const { finishReason } of sequence.deltas()) if (finishReason !== undefined) return;
}

const unmeasured: GenerationMeter = { onRunning() {}, onCached() {}, onFirstToken() {}, onNextToken() {}, onStep() {} };

const rowBoundaries = [1, 2, 4, 8, 16, 32, 64, 128];

function meterOf(metrics: TaskMetrics, maxCacheTokens: number): GenerationMeter {
  const running = metrics.gauge('weft_generate_sequences', 'Texts that are being generated');
  const cached = metrics.gauge('weft_generate_cache_tokens', 'Tokens in the caches');
  metrics
    .gauge('weft_generate_max_cache_tokens', 'Tokens that the texts in the caches may have when they are finished')
    .add(maxCacheTokens);
  const tokens = metrics.counter('weft_generate_tokens_total', 'Tokens generated');
  const first = metrics.histogram(
    'weft_generate_first_token_seconds',
    'From the arrival at an instance to the first token',
  );
  const next = metrics.histogram('weft_generate_next_token_seconds', 'From one token of a text to the next');
  const rows = metrics.histogram('weft_generate_step_rows', 'Texts that a decoding step advanced', rowBoundaries);
  return {
    onRunning: (change) => running.add(change),
    onCached: (change) => cached.add(change),
    onFirstToken(ms) {
      tokens.add(1);
      first.record(ms / 1000);
    },
    onNextToken(ms) {
      tokens.add(1);
      next.record(ms / 1000);
    },
    onStep: (count) => rows.record(count),
  };
}
