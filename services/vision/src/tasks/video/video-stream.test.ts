import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import type { StreamContext, TaskMethod } from '@weft/runtime';
import { videoPath, videoStream } from './video-stream.ts';

/** Looks at frames when it is told to; `fails` is the number of a frame that fails. */
function slowLook(fails = 0) {
  const begun: number[][] = [];
  const doing: (() => void)[] = [];
  let onBegun = (): void => {};
  const look: TaskMethod = {
    path: videoPath,
    async infer(requests) {
      const ids = requests.map((request) => (request as { frameId: number }).frameId);
      begun.push(ids);
      onBegun();
      await new Promise<void>((resolve) => doing.push(resolve));
      return ids.map((id) => (id === fails ? new WeftError('INTERNAL', 'the device is lost') : { detections: [] }));
    },
  };
  return {
    look,
    begun,
    finish: () => doing.shift()?.(),
    async hasBegun(looks: number) {
      while (begun.length < looks) await new Promise<void>((resolve) => (onBegun = resolve));
    },
  };
}

async function* frames(...ids: number[]): AsyncGenerator<object> {
  for (const frameId of ids) yield frame(frameId);
}

function frame(frameId: number, said: object = {}): object {
  return { frameId, dropIfLate: false, maxAgeMs: 0, takenAtMs: 0, ...said };
}

function client() {
  const leaving = new AbortController();
  const context: StreamContext = {
    signal: leaving.signal,
    tenant: '',
    throwIfGone: () => leaving.signal.throwIfAborted(),
  };
  return { context, leave: () => leaving.abort(new WeftError('CANCELLED', 'gone')) };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

describe('a video stream', () => {
  test('whose client has gone is looked at no more, and ends while the last look still goes on', async () => {
    const { look, begun, finish, hasBegun } = slowLook();
    const { context, leave } = client();
    const answers = videoStream({ maxFrames: 4, look })
      .infer(frames(1, 2, 3, 4), context)
      [Symbol.asyncIterator]();
    const first = answers.next();
    await hasBegun(1);
    leave();
    await assert.rejects(first, /gone/);
    finish();
    await turns();
    assert.deepEqual(begun, [[1]]);
  });

  test('leaves the frames of others alone when the client of one has gone, or one fails', async () => {
    const { look, begun, finish, hasBegun } = slowLook(10);
    const method = videoStream({ maxFrames: 4, look, now: () => 0 });
    const [gone, failed, other] = [client(), client(), client()];
    const streams = [
      method.infer(frames(1, 2), gone.context),
      method.infer(frames(10, 11), failed.context),
      method.infer(frames(20, 21), other.context),
    ].map((answers) => answers[Symbol.asyncIterator]());
    const [ofGone, ofFailed, ofOther] = streams.map((answers) => answers.next());
    await hasBegun(1);
    gone.leave();
    await assert.rejects(ofGone as Promise<unknown>, /gone/);
    finish();
    await assert.rejects(ofFailed as Promise<unknown>, /the device is lost/);
    assert.deepEqual((await ofOther)?.value, { frameId: 20, ageMs: 0, detections: [] });
    await hasBegun(2);
    finish();
    assert.deepEqual((await streams[2]?.next())?.value, { frameId: 21, ageMs: 0, detections: [] });
    assert.deepEqual(begun, [[1, 10, 20], [21]]);
  });

  test('says which frame has a number that cannot be given back, in its turn and without looking at it', async () => {
    const { look, begun, finish, hasBegun } = slowLook();
    const answers = videoStream({ maxFrames: 4, look, now: () => 0 })
      .infer(frames(1, 2 ** 53, Number.MAX_SAFE_INTEGER), client().context)
      [Symbol.asyncIterator]();
    const first = answers.next();
    await hasBegun(1);
    finish();
    assert.deepEqual((await first).value, { frameId: 1, ageMs: 0, detections: [] });
    assert.deepEqual((await answers.next()).value, { error: 'frame_id: over the limit of 9007199254740991' });
    await hasBegun(2);
    finish();
    assert.deepEqual((await answers.next()).value, { frameId: Number.MAX_SAFE_INTEGER, ageMs: 0, detections: [] });
    assert.deepEqual(begun, [[1], [Number.MAX_SAFE_INTEGER]]);
  });

  test('counts the age of a frame from when it was taken, by what its way took longer than that of the fastest', async () => {
    const { look, finish, hasBegun } = slowLook();
    let nowMs = 1000;
    async function* camera(): AsyncGenerator<object> {
      yield frame(1, { takenAtMs: 5_000_000, maxAgeMs: 100 });
      await hasBegun(1);
      // Both were on their way during the look, which takes 300 ms.
      nowMs += 300;
      yield frame(2, { takenAtMs: 5_000_050, maxAgeMs: 100, dropIfLate: true });
      yield frame(3, { takenAtMs: 5_000_250, maxAgeMs: 100, dropIfLate: true });
      finish();
      await hasBegun(2);
      finish();
      nowMs += 80;
      yield frame(4, { takenAtMs: 5_000_260, maxAgeMs: 100 });
      yield frame(5, { maxAgeMs: 100 });
      await hasBegun(3);
      finish();
    }
    const answers: unknown[] = [];
    const { context } = client();
    for await (const answer of videoStream({ maxFrames: 4, look, now: () => nowMs }).infer(camera(), context))
      answers.push(answer);
    assert.deepEqual(answers, [
      { frameId: 1, ageMs: 0, detections: [] },
      { frameId: 2, ageMs: 250, dropped: true },
      { frameId: 3, ageMs: 50, detections: [] },
      { frameId: 4, ageMs: 120, dropped: true },
      { frameId: 5, ageMs: 0, detections: [] },
    ]);
  });
});
