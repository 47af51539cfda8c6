import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameLine } from './frame-line.ts';

const arrival = (frame: number, droppable = false) => ({ frame, droppable, dropped: { dropped: frame } });

/** All answers until the end. */
async function rest(line: FrameLine<number>): Promise<object[]> {
  const all: object[] = [];
  for await (const answer of line.answers()) all.push(answer);
  return all;
}

/** Whether a promise has settled by now. */
async function settled(promise: Promise<void>): Promise<boolean> {
  const open = Symbol('open');
  await new Promise(setImmediate);
  return (await Promise.race([promise, Promise.resolve(open)])) !== open;
}

function answerAll(line: FrameLine<number>): void {
  for (let turn = line.take(); turn !== undefined; turn = line.take()) turn.answer({ seen: turn.frame });
}

describe('the frames of a stream', () => {
  test('are answered in order, also when a later one is done first', async () => {
    const line = new FrameLine<number>();
    for (const frame of [1, 2]) line.arrive(arrival(frame));
    const [first, second] = [line.take(), line.take()];
    second?.answer({ seen: 2 });
    first?.answer({ seen: 1 });
    line.end();
    assert.deepEqual(await rest(line), [{ seen: 1 }, { seen: 2 }]);
  });

  test('are dropped when a newer one comes before their turn, but not while they are looked at', async () => {
    const line = new FrameLine<number>();
    line.arrive(arrival(1, true));
    const first = line.take();
    for (const frame of [2, 3, 4]) line.arrive(arrival(frame, true));
    assert.equal(line.take()?.frame, 4);
    first?.answer({ seen: 1 });
    const answers = line.answers();
    assert.deepEqual(
      [await answers.next(), await answers.next(), await answers.next()].map(({ value }) => value as object),
      [{ seen: 1 }, { dropped: 2 }, { dropped: 3 }],
    );
  });

  test('that may not be dropped stay, whatever comes', async () => {
    const line = new FrameLine<number>();
    line.arrive(arrival(1));
    line.arrive(arrival(2, true));
    line.arrive(arrival(3));
    assert.deepEqual([line.take()?.frame, line.take()?.frame, line.take()], [1, 3, undefined]);
  });

  test('hold up the reading of more when two wait that may not be dropped', async () => {
    const line = new FrameLine<number>();
    line.arrive(arrival(1));
    assert.equal(await settled(line.room()), true);
    line.arrive(arrival(2));
    const room = line.room();
    assert.equal(await settled(room), false);
    line.take();
    await room;
  });

  test('hold up the reading of more when their answers are not taken', async () => {
    const line = new FrameLine<number>();
    for (let frame = 1; frame <= 64; frame++) {
      line.arrive(arrival(frame, true));
      answerAll(line);
    }
    const room = line.room();
    assert.equal(await settled(room), false);
    const answers = line.answers();
    await answers.next();
    assert.equal(await settled(room), false, 'what was given is taken when the reader comes back');
    await answers.next();
    await room;
  });

  test('that have come are answered before the error that ends the stream, unless it fails', async () => {
    const line = new FrameLine<number>();
    line.arrive(arrival(1));
    line.end(new Error('malformed'));
    answerAll(line);
    const answers = line.answers();
    assert.deepEqual((await answers.next()).value, { seen: 1 });
    await assert.rejects(answers.next(), /malformed/);

    const failed = new FrameLine<number>();
    failed.arrive(arrival(1));
    failed.fail(new Error('gone'));
    assert.equal(failed.take(), undefined);
    await assert.rejects(rest(failed), /gone/);
  });

  test('are each answered once and in order, whatever is dropped and whenever it is looked at', async () => {
    const steps = fc.array(fc.oneof(fc.constant('look' as const), fc.boolean()), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (steps_) => {
        const line = new FrameLine<number>();
        let arrived = 0;
        for (const step of steps_) {
          const turn = step === 'look' ? line.take() : undefined;
          turn?.answer({ seen: turn.frame });
          if (step !== 'look') line.arrive(arrival(++arrived, step));
        }
        line.end();
        answerAll(line);
        const answers = (await rest(line)).map((answer) => Object.values(answer)[0] as number);
        assert.deepEqual(
          answers,
          Array.from({ length: arrived }, (_, index) => index + 1),
        );
      }),
      { numRuns: 100 },
    );
  });
});
