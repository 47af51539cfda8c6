import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalidArgument } from '@weft/errors';
import { Sequence, type SequenceOptions } from './sequence.ts';

/** Tokens are letters: 0 is a. */
function sequenceOf(options: Partial<SequenceOptions> = {}): Sequence {
  return new Sequence({
    prompt: [0],
    maxTokens: 10,
    sampling: { temperature: 0, topP: 1 },
    stops: [],
    endTokens: new Set([25]),
    random: () => 0,
    decode: (tokens) => String.fromCodePoint(...tokens.map((token) => 97 + token)),
    ...options,
  });
}

function give(sequence: Sequence, letters: string): void {
  for (const letter of letters) {
    const scores = new Float32Array(26);
    scores[letter.charCodeAt(0) - 97] = 1;
    sequence.advance(scores);
  }
}

test('text that nobody has read becomes one piece', async () => {
  const sequence = sequenceOf();
  give(sequence, 'abc');
  const deltas = sequence.deltas();
  assert.deepEqual((await deltas.next()).value, { text: 'abc', finishReason: undefined, generatedTokens: 3 });
  const waiting = deltas.next();
  give(sequence, 'd');
  assert.deepEqual((await waiting).value, { text: 'd', finishReason: undefined, generatedTokens: 4 });
  give(sequence, 'efz');
  assert.deepEqual((await deltas.next()).value, { text: 'ef', finishReason: 'FINISH_REASON_STOP', generatedTokens: 6 });
  assert.equal((await deltas.next()).done, true);
});

test('the end token is neither text nor counted, the last token that was asked for is both', async () => {
  const ended = sequenceOf();
  give(ended, 'z');
  assert.deepEqual((await ended.deltas().next()).value, {
    text: '',
    finishReason: 'FINISH_REASON_STOP',
    generatedTokens: 0,
  });
  const full = sequenceOf({ maxTokens: 2 });
  give(full, 'ab');
  assert.deepEqual((await full.deltas().next()).value, {
    text: 'ab',
    finishReason: 'FINISH_REASON_LENGTH',
    generatedTokens: 2,
  });
});

test('what may begin a stop string is held back, and given when the text ends without it', async () => {
  const sequence = sequenceOf({ stops: ['cd'], maxTokens: 3 });
  give(sequence, 'abc');
  assert.deepEqual((await sequence.deltas().next()).value, {
    text: 'abc',
    finishReason: 'FINISH_REASON_LENGTH',
    generatedTokens: 3,
  });
  const stopped = sequenceOf({ stops: ['cd'] });
  give(stopped, 'abcd');
  assert.equal(stopped.over, true);
  assert.deepEqual((await stopped.deltas().next()).value, {
    text: 'ab',
    finishReason: 'FINISH_REASON_STOP',
    generatedTokens: 4,
  });
});

test('a reader that waits hears of a failure at once', async () => {
  const sequence = sequenceOf();
  const waiting = sequence.deltas().next();
  sequence.leave(invalidArgument('no more'));
  await assert.rejects(waiting, { code: 'INVALID_ARGUMENT', message: 'no more' });
  assert.equal(sequence.over, true);
});
