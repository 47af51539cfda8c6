// Generate: one request to a sequence in the loop, and its text as a stream of pieces.
import { invalidArgument } from '@weft/errors';
import { checkExact, type StreamContext, type StreamMethod } from '@weft/runtime';
import type { GenerateRequest__Output } from '@weft/rpc/messages/weft/nlp/v1/GenerateRequest';
import type { GenerateResponse } from '@weft/rpc/messages/weft/nlp/v1/GenerateResponse';
import { createRandom } from './create-random.ts';
import type { GenerationLoop } from './generation-loop.ts';
import type { GenerationSettings } from './read-generation-settings.ts';
import { type PromptOptions, readPrompt } from './read-prompt.ts';
import { Sequence } from './sequence.ts';
import type { TextTokenizer } from './text-tokenizer.ts';

export interface GenerateOptions extends PromptOptions {
  readonly loop: Pick<GenerationLoop, 'add'>;
  readonly tokenizer: TextTokenizer;
  readonly settings: GenerationSettings;
  /** Of a request that names none. */
  readonly freshSeed: () => number;
}

/** Streams that an instance takes at once: its largest batch. */
const slots = 64;
/** Tokens of a text whose request says nothing. */
const defaultMaxTokens = 256;
const [maxStops, maxStopLength] = [16, 256];

export function generateMethod(options: GenerateOptions): StreamMethod {
  return {
    path: '/weft.nlp.v1.NlpService/Generate',
    slots,
    async *infer(requests: AsyncIterable<GenerateRequest__Output>, { signal }: StreamContext) {
      for await (const request of requests) {
        const sequence = createSequence(request, options);
        const leave = (): void => sequence.leave(signal.reason);
        signal.addEventListener('abort', leave, { once: true });
        if (signal.aborted) leave();
        options.loop.add(sequence);
        try {
          for await (const { text, finishReason, generatedTokens } of sequence.deltas())
            yield { text, generatedTokens, ...(finishReason && { finishReason }) } satisfies GenerateResponse;
        } finally {
          signal.removeEventListener('abort', leave);
          sequence.leave();
        }
      }
    },
  };
}

/** Throws INVALID_ARGUMENT naming what is wrong. */
function createSequence(request: GenerateRequest__Output, options: GenerateOptions): Sequence {
  const { tokenizer, settings, freshSeed } = options;
  const { temperature, topP, stop, seed = freshSeed() } = request;
  if (!(temperature >= 0 && temperature <= 100)) throw invalidArgument('temperature: must be from 0 to 100');
  if (!(topP >= 0 && topP <= 1)) throw invalidArgument('top_p: must be from 0 to 1');
  if (stop.length > maxStops) throw invalidArgument(`stop: holds ${stop.length} strings, the limit is ${maxStops}`);
  if (stop.some((text) => text === '' || text.length > maxStopLength))
    throw invalidArgument(`stop: a stop string has from 1 to ${maxStopLength} characters`);
  checkExact(seed, 'seed');
  const prompt = readPrompt(request, options);
  return new Sequence({
    prompt,
    maxTokens: Math.min(
      settings.maxContext - prompt.length,
      request.maxTokens === 0 ? defaultMaxTokens : request.maxTokens,
    ),
    sampling: { temperature, topP: topP === 0 ? 1 : topP },
    stops: stop,
    endTokens: settings.endTokens,
    random: createRandom(seed),
    decode: (tokens) => tokenizer.decode(tokens),
  });
}
