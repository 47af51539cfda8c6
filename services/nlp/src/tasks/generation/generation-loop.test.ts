import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Cache } from './cache.ts';
import type { DecoderModel, Forward } from './decoder-model.ts';
import { GenerationLoop, type GenerationMeter } from './generation-loop.ts';
import { Sequence } from './sequence.ts';

interface Played {
  readonly model: DecoderModel;
  /** Of each run: how many tokens each row was fed. */
  readonly runs: { rows: number; tokens: number }[];
}

/** A model whose next token is always 1, and whose runs take a millisecond a token. `fails`: whether a run does. */
function playedModel(clock: { ms: number }, fails: (forward: Forward) => boolean = () => false): Played {
  const runs: Played['runs'] = [];
  const model: DecoderModel = {
    layout: [],
    padded: true,
    maxContext: 1000,
    mostAtOnce: 200,
    async forward(forward) {
      const { cache, tokens, scored } = forward;
      const width = tokens[0]?.length ?? 0;
      clock.ms += tokens.length * width;
      runs.push({ rows: tokens.length, tokens: width });
      if (fails(forward)) throw new Error('the run failed');
      const next: Cache = {
        lengths: cache.lengths.map((length) => length + width),
        columns: cache.columns + width,
        parts: [],
      };
      return { cache: next, scores: scored ? tokens.map(() => Float32Array.of(0, 1)) : [] };
    },
  };
  return { model, runs };
}

/** Its prompt is `token` again and again. */
function sequenceOf(promptTokens: number, maxTokens: number, token = 0): Sequence {
  return new Sequence({
    prompt: new Array<number>(promptTokens).fill(token),
    maxTokens,
    sampling: { temperature: 0, topP: 1 },
    stops: [],
    endTokens: new Set(),
    random: () => 0,
    decode: (tokens) => 'x'.repeat(tokens.length),
  });
}

interface LoopSettings {
  readonly meter?: Partial<GenerationMeter>;
  readonly maxCacheTokens?: number;
}

function loopOf(
  { model }: Played,
  clock: { ms: number },
  { meter = {}, maxCacheTokens = 10_000 }: LoopSettings = {},
): GenerationLoop {
  return new GenerationLoop({
    model,
    maxCacheTokens,
    meter: { onRunning() {}, onCached() {}, onFirstToken() {}, onNextToken() {}, onStep() {}, ...meter },
    now: () => clock.ms,
    giveWay: () => Promise.resolve(),
  });
}

async function textOf(sequence: Sequence): Promise<string> {
  let text = '';
  for await (const delta of sequence.deltas()) text += delta.text;
  return text;
}

test('a run that fails ends the texts that were in it, and those that come later are written', async () => {
  const clock = { ms: 0 };
  let failing = true;
  const loop = loopOf(
    playedModel(clock, ({ tokens }) => failing && tokens.length === 2),
    clock,
  );
  const two = [sequenceOf(3, 10), sequenceOf(4, 10)];
  for (const sequence of two) loop.add(sequence);
  for (const sequence of two) await assert.rejects(textOf(sequence), { code: 'INTERNAL', message: 'internal error' });
  failing = false;
  const later = sequenceOf(2, 5);
  loop.add(later);
  assert.equal(await textOf(later), 'xxxxx');
  assert.equal(loop.size, 0);
});

test('a prompt that cannot be read ends its own text alone', async () => {
  const clock = { ms: 0 };
  const loop = loopOf(
    playedModel(clock, ({ tokens }) => tokens[0]?.length === 7),
    clock,
  );
  const [good, bad] = [sequenceOf(3, 20), sequenceOf(7, 20)];
  loop.add(good);
  loop.add(bad);
  await assert.rejects(textOf(bad), { code: 'INTERNAL' });
  assert.equal((await textOf(good)).length, 20);
});

test('a long prompt is read in parts, between which the others go on', async () => {
  const clock = { ms: 0 };
  const played = playedModel(clock);
  const loop = loopOf(played, clock);
  const short = sequenceOf(2, 60);
  loop.add(short);
  const reading = textOf(short);
  while (played.runs.length < 5) await Promise.resolve();
  const from = played.runs.length;
  const long = sequenceOf(500, 3);
  loop.add(long);
  await Promise.all([reading, textOf(long)]);
  const sizes = played.runs.slice(from).map(({ tokens }) => tokens);
  // A step takes a millisecond, as does a token of a prompt: the least that is read at once is what is read.
  assert.deepEqual(new Set(sizes), new Set([1, 32, 500 % 32]));
  const parts = sizes.flatMap((size, at) => (size > 1 ? [at] : []));
  assert.equal(parts.length, Math.ceil(500 / 32));
  for (const at of parts.slice(0, -1)) assert.equal(sizes[at + 1], 1);
});

test('a run reads no more of a prompt than the model takes', async () => {
  const clock = { ms: 0 };
  const played = playedModel(clock);
  const sequence = sequenceOf(500, 2);
  loopOf(played, clock).add(sequence);
  assert.equal(await textOf(sequence), 'xx');
  assert.deepEqual(
    played.runs.map(({ tokens }) => tokens),
    [200, 200, 100, 1],
  );
});

test('what is told of a text: that it came, its first token, the next ones, and that it has gone', async () => {
  const clock = { ms: 0 };
  const told: [string, number][] = [];
  let cached = 0;
  const meter: GenerationMeter = {
    onRunning: (change) => change !== 0 && told.push(['running', change]),
    onCached: (change) => change !== 0 && told.push(['cached', (cached += change)]),
    onFirstToken: (ms) => told.push(['first', ms]),
    onNextToken: (ms) => told.push(['next', ms]),
    onStep: (rows) => told.push(['step', rows]),
  };
  const loop = loopOf(playedModel(clock), clock, { meter });
  const sequence = sequenceOf(4, 3);
  loop.add(sequence);
  await textOf(sequence);
  while (cached > 0) await Promise.resolve();
  assert.deepEqual(told, [
    ['running', 1],
    ['first', 4],
    ['step', 1],
    ['next', 1],
    ['cached', 5],
    ['step', 1],
    ['next', 1],
    ['cached', 6],
    ['running', -1],
    ['cached', 0],
  ]);
});

test('who leaves while a prompt is read costs no step, alone or not', async () => {
  const clock = { ms: 0 };
  // More than is read at once: nobody has joined by the next step.
  const leaving: Sequence[] = [];
  const played = playedModel(clock, ({ tokens }) => {
    if (tokens[0]?.length === 32) for (const sequence of leaving) sequence.leave();
    return false;
  });
  for (const others of [0, 1]) {
    const loop = loopOf(played, clock);
    const staying = Array.from({ length: others }, () => sequenceOf(2, 30));
    leaving.splice(0, 1, sequenceOf(3, 1000));
    for (const sequence of [...leaving, ...staying]) loop.add(sequence);
    while (played.runs.at(-1)?.rows !== 1 + others) await Promise.resolve();
    const from = played.runs.length;
    const late = sequenceOf(40, 5);
    loop.add(late);
    assert.equal(await textOf(late), 'xxxxx');
    const reading = played.runs.findIndex(({ tokens }, at) => at >= from && tokens === 32);
    assert.ok(played.runs.slice(reading + 1).every(({ rows }) => rows <= 1 + others));
    for (const sequence of staying) assert.equal((await textOf(sequence)).length, 30);
    assert.equal(loop.size, 0);
    played.runs.length = 0;
  }
});

test('texts beside each other never need more than the caches may hold, and none waits for ever', async () => {
  const text = fc.record({
    promptTokens: fc.integer({ min: 1, max: 60 }),
    maxTokens: fc.integer({ min: 1, max: 30 }),
    /** Turns of the loop's promises until it comes. */
    pause: fc.nat(40),
    /** Whether its reader has gone by the time that the last one comes. */
    leaves: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 90, max: 300 }),
      async (texts, maxCacheTokens) => {
        const clock = { ms: 0 };
        const sequences = texts.map((one, index) => sequenceOf(one.promptTokens, one.maxTokens, index));
        const begun = new Set<Sequence>();
        const tooMany = ({ cache, tokens }: Forward): boolean => {
          if (cache.columns === 0) begun.add(sequences[tokens[0]?.[0] as number] as Sequence);
          const kept = [...begun].filter(({ over }) => !over).map(({ mostTokens }) => mostTokens);
          return kept.reduce((sum, tokensOfOne) => sum + tokensOfOne, 0) > maxCacheTokens;
        };
        let cached = 0;
        const meter = { onCached: (change: number): unknown => (cached += change) };
        const loop = loopOf(playedModel(clock, tooMany), clock, { maxCacheTokens, meter });
        const written: Promise<number>[] = [];
        for (const [index, sequence] of sequences.entries()) {
          for (let turn = texts[index]?.pause ?? 0; turn > 0; turn--) await Promise.resolve();
          loop.add(sequence);
          written.push(textOf(sequence).then(({ length }) => length));
        }
        for (const [index, sequence] of sequences.entries()) if (texts[index]?.leaves === true) sequence.leave('gone');
        const lengths = await Promise.allSettled(written);
        for (const [index, { leaves, maxTokens }] of texts.entries()) {
          const length = lengths[index]?.status === 'fulfilled' ? lengths[index].value : undefined;
          assert.ok(length === maxTokens || (leaves && length === undefined));
        }
        while (loop.size > 0) await Promise.resolve();
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
        assert.equal(cached, 0);
      },
    ),
    { numRuns: 50 },
  );
});

test('who needs little does not overtake who needs much, and who has left keeps nobody waiting', async () => {
  const clock = { ms: 0 };
  const begun: { token: number | undefined; besideTheFirst: boolean }[] = [];
  const played = playedModel(clock, ({ cache, tokens }) => {
    if (cache.columns === 0) begun.push({ token: tokens[0]?.[0], besideTheFirst: !running.over });
    return false;
  });
  const loop = loopOf(played, clock, { maxCacheTokens: 100 });
  const [running, left, much, little] = [
    sequenceOf(20, 40, 0),
    sequenceOf(60, 40, 1),
    sequenceOf(50, 30, 2),
    sequenceOf(2, 8, 3),
  ];
  const texts = [running, much, little].map(textOf);
  for (const sequence of [running, left, much, little]) loop.add(sequence);
  while (begun.length === 0) await Promise.resolve();
  left.leave();
  assert.deepEqual(
    (await Promise.all(texts)).map(({ length }) => length),
    [40, 30, 8],
  );
  assert.deepEqual(begun, [
    { token: 0, besideTheFirst: true },
    { token: 2, besideTheFirst: false },
    { token: 3, besideTheFirst: false },
  ]);
});

test('a text that could never have room is refused with the limit, whoever else there is', async () => {
  const clock = { ms: 0 };
  const loop = loopOf(playedModel(clock), clock, { maxCacheTokens: 100 });
  const [fits, never] = [sequenceOf(60, 40), sequenceOf(61, 40)];
  for (const sequence of [fits, never]) loop.add(sequence);
  await assert.rejects(textOf(never), { code: 'INVALID_ARGUMENT', message: /^max_tokens: .* 101 .* 100 \(weft\./ });
  assert.equal((await textOf(fits)).length, 40);
});

test('a group whose longest row has left goes on within the context of the model', async () => {
  const clock = { ms: 0 };
  const played = playedModel(clock, ({ cache, tokens }) => cache.columns + (tokens[0]?.length ?? 0) > 1000);
  const loop = loopOf(played, clock);
  const two = [sequenceOf(900, 100), sequenceOf(800, 200)];
  for (const sequence of two) loop.add(sequence);
  const texts = await Promise.all(two.map(textOf));
  assert.deepEqual(
    texts.map(({ length }) => length),
    [100, 200],
  );
});

test('who cannot join fails alone: those who run go on', async () => {
  const clock = { ms: 0 };
  // Of two rows more than any array may hold, so that only joining fails.
  const layout = [{ input: 'k', output: 'k', datatype: 'FP32', heads: 1, width: 2 ** 50 } as const];
  const { model } = playedModel(clock);
  const loop = loopOf({ model: { ...model, layout }, runs: [] }, clock);
  const running = sequenceOf(2, 50);
  loop.add(running);
  const text = textOf(running);
  while (running.generatedTokens < 3) await Promise.resolve();
  const late = sequenceOf(3, 50);
  loop.add(late);
  await assert.rejects(textOf(late), { code: 'INTERNAL', message: 'internal error' });
  assert.equal((await text).length, 50);
  assert.equal(loop.size, 0);
});

test('whatever is thrown between the runs ends the texts that are there, not the loop', async () => {
  const clock = { ms: 0 };
  let broken = false;
  const loop = new GenerationLoop({
    model: playedModel(clock).model,
    maxCacheTokens: 70,
    meter: { onRunning() {}, onCached() {}, onFirstToken() {}, onNextToken() {}, onStep() {} },
    now: () => clock.ms,
    giveWay: () => (broken ? Promise.reject(new Error('broken')) : Promise.resolve()),
  });
  const two = [sequenceOf(3, 50), sequenceOf(4, 50)];
  for (const sequence of two) loop.add(sequence);
  while (two[0]?.generatedTokens !== 3) await Promise.resolve();
  broken = true;
  for (const sequence of two) await assert.rejects(textOf(sequence), { code: 'INTERNAL', message: 'internal error' });
  assert.equal(loop.size, 0);
  broken = false;
  const later = sequenceOf(2, 5);
  loop.add(later);
  assert.equal(await textOf(later), 'xxxxx');
});
