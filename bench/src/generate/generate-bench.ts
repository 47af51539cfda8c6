// Continuous batching on the default model: tokens a second of 1 to 64 concurrent texts, in one instance and through the router, all alike
// and mixed, beside a plain loop that writes one text after the other. And how soon somebody who joins a full batch gets the first token.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onnxBackend } from '@weft/backend-onnx';
import { connect, type WeftClient } from '@weft/client';
import { openDecoderModel, type OpenedDecoder, readTextTokenizer } from '@weft/nlp/testing';
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { createChildGroup } from '../child-group.ts';
import type { ServiceQuestions } from '../children/answer-as-service.ts';
import type { RouterQuestions } from '../children/router.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { mixedRequest, numbersOfWriter, type TextRequest } from './mixed-texts.ts';
import { plainLoop } from './plain-loop.ts';
import {
  concurrencies,
  type GenerateRound,
  type PairMs,
  places,
  reportGenerate,
  textKinds,
} from './report-generate.ts';

const models = fileURLToPath(new URL('../../../models/nlp/', import.meta.url));
const name = 'speech-writer';
const endToken = 1;
const threads = 2;
/** A text's tokens: with the prompt under 128. */
const maxTokens = 100;
const prompt = 'The Congress of the United States has';
/** Joins to a batch of 63. */
const joins = 30;
const pairs = 60;
const seeds = 200;

export const generateBench: Bench = {
  name: 'generate',
  about: 'tokens a second of 1 to 64 concurrent texts: continuous batching against a plain loop',
  run: runGenerate,
};

/** Writes one text; its tokens. */
type Write = () => Promise<number>;

type Responses = AsyncIterable<{ readonly generatedTokens?: number }>;

/** By the number of the text. */
const requests = {
  alike: (seed: number): TextRequest => ({ prompt, maxTokens, seed }),
  mixed: mixedRequest,
} as const;

async function runGenerate({ progress, profileDirectory, quick }: BenchOptions): Promise<BenchReport> {
  if (!existsSync(`${models}${name}/1/model.onnx`))
    return { figures: {}, tables: [], verdicts: [], invalid: [`the weights of ${name} are not there`] };
  const [count, turnMs] = quick ? [1, 600] : [3, 1500];
  const children = createChildGroup(profileDirectory);
  const folder = await createScratchFolder([]);
  progress('opening the model');
  const plain = await openPlain();
  const decoder = await openDecoderModel(models, name);
  let client: WeftClient | undefined;
  /** Chooses as the plain loop does. */
  const greedy: Write = () => written(decoder.stream({ prompt, maxTokens, temperature: 0 }));
  try {
    for (const write of [plain.write, greedy]) for (let text = 0; text < 5; text++) await write();
    await tokensPerSecond((text) => decoder.stream(requests.alike(text)), 8, turnMs / 2);
    progress(`a plain loop and a stream, one text each in turns, ${pairs} times`);
    const pairMs = await measurePairs(plain.write, greedy, quick ? 10 : pairs);
    // Only now: two processes that load their models are no company for whoever is to be alone.
    progress('starting nlp and router');
    const { dataDirectory } = folder;
    const service = await children
      .start<ServiceQuestions>('nlp')
      .ask('start', { dataDirectory, intraOpThreads: threads });
    const { nlp } = (client = connect({
      router: await children.start<RouterQuestions>('router').ask('start', [service]),
    }));
    const write = {
      instance: (request: TextRequest): Responses => decoder.stream(request),
      mesh: (request: TextRequest): Responses => nlp.generate(request, { model: name }),
    };
    await tokensPerSecond((text) => write.mesh(requests.alike(text)), 8, turnMs / 2);
    const rounds: GenerateRound[] = [];
    while (rounds.length < count) {
      progress(`round ${rounds.length + 1} of ${count}`);
      const round = { alike: { instance: [], mesh: [] }, mixed: { instance: [], mesh: [] } } satisfies GenerateRound;
      for (const kind of textKinds)
        for (const streams of concurrencies)
          for (const place of places)
            (round[kind][place] as number[]).push(
              await tokensPerSecond((text) => write[place](requests[kind](text)), streams, turnMs),
            );
      rounds.push(round);
    }
    progress(`joining a batch of 63, ${joins} times`);
    const joined = await stepsUntilFirstToken(decoder);
    progress('texts by seed, alone and in a batch of 64');
    const same = await sameTexts(decoder, quick ? 20 : seeds);
    return reportGenerate({ pairMs, rounds, joins: joined, same });
  } finally {
    client?.close();
    await children.stop();
    await folder.remove();
    await decoder.close();
    await plain.close();
  }
}

async function openPlain(): Promise<{ readonly write: Write; readonly close: () => Promise<void> }> {
  const model = await onnxBackend.load(`${models}${name}/1/model.onnx`, { providers: ['cpu'], deviceId: 0, threads });
  const tokenizer = await readTextTokenizer(`${models}${name}/tokenizer.json`);
  return {
    write: () => plainLoop({ model, tokenizer, endToken }, { prompt, maxTokens }, () => {}),
    close: () => model.unload(),
  };
}

async function written(responses: Responses): Promise<number> {
  let tokens = 0;
  for await (const { generatedTokens = 0 } of responses) tokens = generatedTokens;
  return tokens;
}

/**
 * Of so many writers, each of which begins its next text when one is done. Tokens count that come in time, once the writers are under way:
 * at the beginning all prompts are read at once, and while the last texts ended the batch would be no longer full.
 */
async function tokensPerSecond(
  write: (text: number) => Responses,
  writers: number,
  durationMs: number,
): Promise<number> {
  const fromMs = performance.now() + durationMs / 2;
  const untilMs = fromMs + durationMs;
  let tokens = 0;
  const writer = async (_: unknown, index: number): Promise<void> => {
    for (let text = index * numbersOfWriter; performance.now() < untilMs; text++) {
      let before = 0;
      for await (const { generatedTokens = 0 } of write(text)) {
        const nowMs = performance.now();
        if (nowMs >= untilMs) break;
        if (nowMs >= fromMs) tokens += generatedTokens - before;
        before = generatedTokens;
      }
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return (tokens / durationMs) * 1000;
}

/** Milliseconds for a token of a text, of the plain loop and of a stream that is alone, right after each other. */
async function measurePairs(plain: Write, stream: Write, count: number): Promise<PairMs[]> {
  const msPerToken = async (write: Write): Promise<number> => {
    const startedMs = performance.now();
    const tokens = await write();
    return (performance.now() - startedMs) / tokens;
  };
  const measured: PairMs[] = [];
  while (measured.length < count) {
    if (measured.length % 2 === 0) measured.push({ plain: await msPerToken(plain), stream: await msPerToken(stream) });
    else {
      const streamMs = await msPerToken(stream);
      measured.push({ plain: await msPerToken(plain), stream: streamMs });
    }
  }
  return measured;
}

/** Of so many seeds, how many give the same text alone as among 63 others. */
async function sameTexts(
  decoder: OpenedDecoder,
  count: number,
): Promise<{ readonly of: number; readonly same: number }> {
  const request = (seed: number) => ({ prompt, maxTokens: 60, temperature: 0.8, topP: 0.95, seed });
  const alone: string[] = [];
  while (alone.length < count) alone.push((await decoder.write(request(alone.length))).text);
  const together: string[] = [];
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let seed = next++; seed < count; seed = next++) together[seed] = (await decoder.write(request(seed))).text;
  };
  await Promise.all(Array.from({ length: 64 }, writer));
  return { of: count, same: alone.filter((text, seed) => together[seed] === text).length };
}

/** Decoding steps of the others between a request and its first token, of requests that join a batch of 63. */
async function stepsUntilFirstToken(decoder: OpenedDecoder): Promise<number[]> {
  let done = false;
  const others = Array.from({ length: 63 }, async (_, index) => {
    for (let text = 0; !done; text++) await written(decoder.stream({ prompt, maxTokens, seed: index * 1000 + text }));
  });
  const steps: number[] = [];
  while (steps.length < joins) {
    const before = (): number => decoder.recorded('weft_generate_step_rows').length;
    const atArrival = before();
    let first = true;
    for await (const _ of decoder.stream({ prompt, maxTokens: 3, seed: steps.length })) {
      if (first) steps.push(before() - atArrival);
      first = false;
    }
  }
  done = true;
  await Promise.all(others);
  return steps;
}
