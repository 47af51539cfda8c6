import assert from 'node:assert/strict';
import { test } from 'node:test';
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

function sequenceOf(promptTokens: number, maxTokens: number): Sequence {
  return new Sequence({
    prompt: new Array<number>(promptTokens).fill(0),
    maxTokens,
    sampling: { temperature: 0, topP: 1 },
    stops: [],
    endTokens: new Set(),
    random: () => 0,
    decode: (tokens) => 'x'.repeat(tokens.length),
  });
}

function loopOf({ model }: Played, clock: { ms: number }, meter: Partial<GenerationMeter> = {}): GenerationLoop {
  return new GenerationLoop({
    model,
    meter: { onRunning() {}, onFirstToken() {}, onNextToken() {}, onStep() {}, ...meter },
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

test('what is told of a text: that it came, its first token, the next ones, and that it has gone', async () => {
  const clock = { ms: 0 };
  const told: [string, number][] = [];
  const loop = loopOf(playedModel(clock), clock, {
    onRunning: (change) => change !== 0 && told.push(['running', change]),
    onFirstToken: (ms) => told.push(['first', ms]),
    onNextToken: (ms) => told.push(['next', ms]),
    onStep: (rows) => told.push(['step', rows]),
  });
  const sequence = sequenceOf(4, 3);
  loop.add(sequence);
  await textOf(sequence);
  while (loop.size > 0) await Promise.resolve();
  assert.deepEqual(told, [
    ['running', 1],
    ['first', 4],
    ['step', 1],
    ['next', 1],
    ['step', 1],
    ['next', 1],
    ['running', -1],
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
