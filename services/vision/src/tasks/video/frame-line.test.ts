import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameLine, type Turn } from './frame-line.ts';

/** Taken at 0; nothing of this takes time but where the test says so. */
const arrival = (frame: number, droppable = false, maxAgeMs?: number) => ({
  frame,
  droppable,
  takenMs: 0,
  maxAgeMs,
  skipped: (ageMs: number) => (ageMs === 0 ? { dropped: frame } : { dropped: frame, ageMs }),
});

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

function pick(turn: Turn<number> | undefined): [number | undefined, number | undefined] {
  return [turn?.frame, turn?.ageMs];
}

function answerAll(line: FrameLine<number>): void {
  for (let turn = line.take(0); turn !== undefined; turn = line.take(0)) turn.answer({ seen: turn.frame });
}

describe('the frames of a stream', () => {
  test('are answered in order, also when a later one is done first', async () => {
    const line = new FrameLine<number>();
    for (const frame of [1, 2]) line.arrive(arrival(frame), 0);
    const [first, second] = [line.take(0), line.take(0)];
    second?.answer({ seen: 2 });
    first?.answer({ seen: 1 });
    line.end();
    assert.deepEqual(await rest(line), [{ seen: 1 }, { seen: 2 }]);
  });

  test('are dropped when a newer one comes before their turn, but not while they are looked at', async () => {
    const line = new FrameLine<number>();
    line.arrive(arrival(1, true), 0);
    const first = line.take(0);
    for (const frame of [2, 3, 4]) line.arrive(arrival(frame, true), 0);
    assert.equal(line.take(0)?.frame, 4);
    first?.answer({ seen: 1 });
    const answers = line.answers();
    assert.deepEqual(
      [await answers.next(), await answers.next(), await answers.next()].map(({ value }) => value as object),
      [{ seen: 1 }, { dropped: 2 }, { dropped: 3 }],
    );
  });

  test('are skipped at their turn when they are too old by then, with their age, whether a newer one came or not', async () => {
    const line = new FrameLine<number>();
    line.arrive(arrival(1, false, 200), 150);
    line.arrive(arrival(2, true, 100), 150);
    line.arrive({ ...arrival(3, true, 100), takenMs: 140 }, 150);
    assert.deepEqual([line.take(201.5)?.frame, line.waits], [3, false]);
    line.arrive({ ...arrival(4, true, 100), takenMs: 300 }, 310);
    assert.deepEqual(pick(line.take(400.9)), [4, 100]);
    line.arrive({ ...arrival(5, true, 100), takenMs: 400 }, 410);
    assert.equal(line.take(501), undefined);
    const answers = line.answers();
    assert.deepEqual(
      [await answers.next(), await answers.next()].map(({ value }) => value as object),
      [
        { dropped: 1, ageMs: 201 },
        { dropped: 2, ageMs: 150 },
      ],
    );
  });

  test('that are too old make room for more', async () => {
    const line = new FrameLine<number>();
    for (const frame of [1, 2]) line.arrive(arrival(frame, false, 10), 0);
    const room = line.room();
    assert.equal(await settled(room), false);
    assert.equal(line.take(11), undefined);
    await room;
  });

  test('that may not be dropped stay, whatever comes', async () => {
    const line = new FrameLine<number>();
    line.arrive(arrival(1), 0);
    line.arrive(arrival(2, true), 0);
    line.arrive(arrival(3), 0);
    assert.deepEqual([line.take(0)?.frame, line.take(0)?.frame, line.take(0)], [1, 3, undefined]);
  });

  test('hold up the reading of more when two wait that may not be dropped', async () => {
    const line = new FrameLine<number>();
    line.arrive(arrival(1), 0);
    assert.equal(await settled(line.room()), true);
    line.arrive(arrival(2), 0);
    const room = line.room();
    assert.equal(await settled(room), false);
    line.take(0);
    await room;
  });

  test('hold up the reading of more when their answers are not taken', async () => {
    const line = new FrameLine<number>();
    for (let frame = 1; frame <= 64; frame++) {
      line.arrive(arrival(frame, true), 0);
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
    line.arrive(arrival(1), 0);
    line.end(new Error('malformed'));
    answerAll(line);
    const answers = line.answers();
    assert.deepEqual((await answers.next()).value, { seen: 1 });
    await assert.rejects(answers.next(), /malformed/);

    const failed = new FrameLine<number>();
    failed.arrive(arrival(1), 0);
    failed.fail(new Error('gone'));
    assert.equal(failed.take(0), undefined);
    await assert.rejects(rest(failed), /gone/);
  });

  test('are each answered once and in order, whatever is dropped and whenever it is looked at', async () => {
    const steps = fc.array(fc.oneof(fc.constant('look' as const), fc.boolean()), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (steps_) => {
        const line = new FrameLine<number>();
        let arrived = 0;
        for (const step of steps_) {
          const turn = step === 'look' ? line.take(0) : undefined;
          turn?.answer({ seen: turn.frame });
          if (step !== 'look') line.arrive(arrival(++arrived, step), 0);
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
