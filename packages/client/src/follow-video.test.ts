// Videos from the SDK to a real gRPC server whose streams break when the test says so.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { rpcMethod } from '@weft/rpc';
import type { VideoFrame__Output } from '@weft/rpc/messages/weft/vision/v1/VideoFrame';
import { connect, type WeftClient } from './connect.ts';
import { type FakeRouter, startFakeRouter } from './testing/fake-router.ts';
import type { VideoFrameInput, VideoResult } from './vision-client.ts';

const path = '/weft.vision.v1.VisionService/AnalyzeVideo';
const image = Buffer.of(1);

interface Received {
  /** From 1 on. */
  readonly stream: number;
  readonly frame: VideoFrame__Output;
  answer(): void;
  fail(code?: keyof typeof status): void;
}

let onFrame: (received: Received) => void;
let opened = 0;
/** The model that each stream's frames named. */
let models: string[][];

function register(server: Server): void {
  const method = rpcMethod(path);
  const bytes = (message: Buffer): Buffer => message;
  const serve = (call: ServerDuplexStream<Buffer, Buffer>): void => {
    const stream = ++opened;
    models[stream - 1] = [];
    call.on('data', (message: Buffer) => {
      const frame = method.decodeRequest(message) as VideoFrame__Output;
      models[stream - 1]?.push(frame.model);
      onFrame({
        stream,
        frame,
        answer: () => void call.write(method.encodeResponse({ frameId: frame.frameId, model: 'm' })),
        fail: (code = 'UNAVAILABLE') => void call.emit('error', { code: status[code], details: 'the replica is gone' }),
      });
    });
    call.on('end', () => call.end());
  };
  server.register(path, serve, bytes, bytes, 'bidi');
}

describe('a video', { timeout: 30_000 }, () => {
  let router: FakeRouter;
  let client: WeftClient;
  before(async () => {
    router = await startFakeRouter({}, undefined, { register });
    client = connect({ router: router.address, retry: { initialBackoffMs: 1, maxBackoffMs: 1 } });
  });
  beforeEach(() => {
    [opened, models] = [0, []];
  });
  after(() => {
    client.close();
    router.stop();
  });

  /** `before` is asked before each frame, by its number. */
  async function* frames(count: number, before = async (_frame: number) => {}): AsyncGenerator<VideoFrameInput> {
    for (let frame = 1; frame <= count; frame++) {
      await before(frame);
      yield { image };
    }
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise(setImmediate);
  }

  /** [frameId, stream, lost] */
  async function told(results: AsyncIterable<VideoResult>, into: unknown[] = []): Promise<unknown[]> {
    for await (const { frameId, stream, lost } of results) into.push([frameId, stream, lost]);
    return into;
  }

  test('whose stream is lost goes on in a new one where that is wanted, and tells what was lost', async () => {
    onFrame = ({ stream, frame, answer, fail }) => {
      if (stream === 2 || (stream === 1 && frame.frameId === 4)) fail();
      else if (stream !== 1 || frame.frameId !== 3) answer();
    };
    const losses: string[] = [];
    const results: VideoResult[] = [];
    const camera = frames(8, (frame) => until(() => losses.length >= Math.min(2, frame - 4)));
    const onLost = ({ message }: Error): void => void losses.push(message);
    for await (const result of client.vision.analyzeVideo(camera, { resume: true, onLost, model: 'm' }))
      results.push(result);
    assert.deepEqual(
      results.map(({ frameId, stream, lost }) => [frameId, stream, lost]),
      [
        [1, 1, false],
        [2, 1, false],
        [3, 1, true],
        [4, 1, true],
        [5, 2, true],
        [6, 2, false],
        [7, 2, false],
        [8, 2, false],
      ],
    );
    assert.deepEqual(losses, ['the replica is gone', 'the replica is gone']);
    assert.equal(results[2]?.error, 'its stream was lost: the replica is gone');
    // Each stream's first frame chooses the model.
    assert.deepEqual(models, [['m', '', '', ''], ['m'], ['m', '', '']]);
  });

  test('sends one frame into a new stream, and more when that is answered', async () => {
    let answerLast = (): void => {};
    const arrived: number[] = [];
    onFrame = ({ stream, frame, answer, fail }) => {
      if (stream === 2) arrived.push(frame.frameId);
      if (stream === 1 && frame.frameId === 2) fail();
      else if (stream === 2 && arrived.length === 1) answerLast = answer;
      else answer();
    };
    let losses = 0;
    const source = frames(300, (frame) => until(() => frame <= 2 || losses > 0));
    const read = told(client.vision.analyzeVideo(source, { resume: true, onLost: () => void losses++ }));
    await until(() => arrived.length > 0);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    assert.equal(arrived.length, 1);
    answerLast();
    const results = await read;
    assert.equal(results.length, 300);
    assert.equal(arrived.at(-1), 300);
  });

  test('ends with what ends its stream where nothing else is wanted, or where it never had an answer', async () => {
    onFrame = ({ frame, answer, fail }) => (frame.frameId === 1 ? answer() : fail());
    const seen: unknown[] = [];
    await assert.rejects(told(client.vision.analyzeVideo(frames(2)), seen), { code: 'UNAVAILABLE' });
    assert.deepEqual(seen, [[1, 1, false]]);
    onFrame = ({ fail }) => fail();
    await assert.rejects(told(client.vision.analyzeVideo(frames(2), { resume: true })), { code: 'UNAVAILABLE' });
    onFrame = ({ frame, answer, fail }) => (frame.frameId === 1 ? answer() : fail('RESOURCE_EXHAUSTED'));
    await assert.rejects(told(client.vision.analyzeVideo(frames(2), { resume: true })), { code: 'RESOURCE_EXHAUSTED' });
    assert.equal(opened, 3);
  });

  test('that has ended begins no new stream for what was lost at its end', async () => {
    onFrame = ({ frame, answer, fail }) => (frame.frameId === 1 ? answer() : fail());
    assert.deepEqual(await told(client.vision.analyzeVideo(frames(2), { resume: true })), [
      [1, 1, false],
      [2, 1, true],
    ]);
    assert.equal(opened, 1);
  });

  test('ends with what its source throws, also when a stream is lost at that time', async () => {
    onFrame = ({ frame, answer, fail }) => (frame.frameId === 1 ? answer() : fail());
    async function* broken(): AsyncGenerator<VideoFrameInput> {
      yield* frames(2);
      throw new TypeError('the camera fell down');
    }
    await assert.rejects(told(client.vision.analyzeVideo(broken(), { resume: true })), /the camera fell down/);
  });

  test('is cancelled while it waits for a frame to begin a new stream with', async () => {
    const leaving = new AbortController();
    onFrame = ({ frame, answer, fail }) => (frame.frameId === 1 ? answer() : fail());
    async function* pausing(): AsyncGenerator<VideoFrameInput> {
      yield* frames(2);
      await new Promise(() => {});
    }
    const onLost = (): void => void setTimeout(() => leaving.abort(), 20);
    const results = client.vision.analyzeVideo(pausing(), { resume: true, onLost, signal: leaving.signal });
    await assert.rejects(told(results), { code: 'CANCELLED' });
  });
});
