import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import { FrameStream } from './frame-stream.ts';
import type { StreamFrame } from './stream-frame.ts';

/** Two ends, frames passing in later turns; what is on its way is counted. */
function pair() {
  let buffered = 0;
  let messages = 0;
  const post = (to: () => FrameStream) => (frame: StreamFrame) => {
    if (frame.kind === 'message') messages++;
    setImmediate(() => to().receive(frame));
  };
  const near: FrameStream = new FrameStream({
    post: post(() => far),
    onBuffered: (change) => void (buffered += change),
  });
  const far: FrameStream = new FrameStream({ post: post(() => near) });
  return { near, far, buffered: () => buffered, messages: () => messages };
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};

test('messages arrive in order, then the end, and nothing stays counted', async () => {
  const { near, far, buffered } = pair();
  const sending = (async () => {
    for (let index = 0; index < 200; index++) assert.equal(await near.send(Buffer.from(`${index}`)), true);
    near.end();
  })();
  const read: string[] = [];
  for await (const message of far.messages()) read.push(message.toString());
  await sending;
  assert.deepEqual(
    read,
    Array.from({ length: 200 }, (_, index) => `${index}`),
  );
  near.close();
  assert.equal(buffered(), 0);
});

test('who is not read stops sending, after so many messages or so many bytes', async () => {
  for (const [size, most] of [
    [10, 16],
    [6_000, 3],
    [60_000, 1],
  ] as const) {
    const { near, messages } = pair();
    void (async () => {
      for (;;) if (!(await near.send(Buffer.alloc(size)))) return;
    })();
    await turns(50);
    assert.equal(messages(), most);
    near.close();
  }
});

test('a failure is read after what was sent before it; a cancel at once', async () => {
  const failed = pair();
  await failed.near.send(Buffer.from('a'));
  await turns(1);
  failed.far.close(new WeftError('UNAVAILABLE', 'gone'));
  const reader = failed.far.messages();
  assert.equal((await reader.next()).value?.toString(), 'a');
  await assert.rejects(reader.next(), { message: 'gone' });
  const left = pair();
  await left.near.send(Buffer.from('a'));
  await turns(1);
  left.far.cancel(new WeftError('CANCELLED', 'left'));
  await assert.rejects(left.far.messages().next(), { message: 'left' });
  await assert.rejects(left.far.send(Buffer.from('b')), { message: 'left' });
});
