import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import type { Turn } from './frame-line.ts';
import { FrameSteps } from './frame-steps.ts';

/** A stream that has these frames waiting from the beginning. */
function source(name: string, frames: number) {
  const waiting = Array.from({ length: frames }, (_, index) => `${name}${index + 1}`);
  const answers: object[] = [];
  return {
    answers,
    waiting,
    get waits() {
      return waiting.length > 0;
    },
    take(): Turn<string> | undefined {
      const frame = waiting.shift();
      return frame === undefined ? undefined : { ageMs: 0, frame, answer: (answer) => void answers.push(answer) };
    },
  };
}

type Source = ReturnType<typeof source>;

function stepsOf(maxFrames: number, onStep: (frames: readonly string[]) => void = () => {}) {
  const seen: (readonly string[])[] = [];
  let idle = (): void => {};
  const left = { frames: Number.POSITIVE_INFINITY };
  const steps = new FrameSteps<Source, string>({
    maxFrames,
    async infer(frames) {
      seen.push(frames);
      onStep(frames);
      return frames.map((frame) => (frame.startsWith('bad') ? new WeftError('INVALID_ARGUMENT', frame) : { frame }));
    },
    settle(_, turn, outcome) {
      turn.answer(outcome);
      if (--left.frames === 0) idle();
    },
  });
  const done = (frames: number) =>
    new Promise<void>((resolve) => {
      left.frames = frames;
      idle = resolve;
    });
  return { steps, seen, done };
}

describe('the steps of an instance', () => {
  test('have one frame of each stream, and go round', async () => {
    const { steps, seen, done } = stepsOf(2);
    const finished = done(7);
    for (const stream of [source('a', 4), source('b', 1), source('c', 2)]) steps.offer(stream);
    await finished;
    assert.deepEqual(seen, [['a1', 'b1'], ['c1', 'a2'], ['c2', 'a3'], ['a4']]);
  });

  test('look at a stream that comes later within a round', async () => {
    const late = source('late', 1);
    const { steps, seen, done } = stepsOf(1, ([frame]) => {
      if (frame === 'a1') steps.offer(late);
    });
    const finished = done(9);
    for (const stream of [source('a', 4), source('b', 4)]) steps.offer(stream);
    await finished;
    assert.deepEqual(seen.slice(0, 4).flat(), ['a1', 'b1', 'a2', 'late1']);
  });

  test('leave out a stream that has ended', async () => {
    const gone = source('gone', 3);
    const { steps, seen, done } = stepsOf(4, () => steps.leave(gone));
    const finished = done(4);
    for (const stream of [gone, source('b', 3)]) steps.offer(stream);
    await finished;
    assert.deepEqual(seen, [['gone1', 'b1'], ['b2'], ['b3']]);
  });

  test('give each frame its own outcome', async () => {
    const [good, bad] = [source('good', 1), source('bad', 1)];
    const { steps, done } = stepsOf(4);
    const finished = done(2);
    for (const stream of [good, bad]) steps.offer(stream);
    await finished;
    assert.deepEqual(good.answers, [{ frame: 'good1' }]);
    assert.equal((bad.answers[0] as WeftError).message, 'bad1');
  });

  test('go on after one that failed as a whole', async () => {
    const stream = source('a', 2);
    const { steps, done } = stepsOf(1, ([frame]) => {
      if (frame === 'a1') throw new Error('the device is lost');
    });
    const finished = done(2);
    steps.offer(stream);
    await finished;
    assert.equal((stream.answers[0] as WeftError).code, 'INTERNAL');
    assert.deepEqual(stream.answers[1], { frame: 'a2' });
  });
});
