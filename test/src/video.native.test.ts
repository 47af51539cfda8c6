// Videos from the SDK through a router, a service and its worker: what is found, what is skipped, and who waits for whom.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { connect, type VideoFrameInput, type VideoResult, type WeftClient } from '@weft/client';
import { epochMs } from '@weft/telemetry/epoch-ms';
import { temporaryFolder } from './testing/author-models.ts';
import { quantile } from './testing/load-figures.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';
import { scrape } from './testing/scrape.ts';
import { squareAt, type VideoLook, videoLooks, writeVideoModel } from './testing/video-model.ts';
import { watchWithheldTime } from './testing/withheld-time.ts';

const folder = temporaryFolder();
const looks = new BroadcastChannel(videoLooks);
const slow = { startMs: 40, rowMs: 5, maxFrames: 4 };
/** Of the model `slow`. */
const looked: VideoLook[] = [];
let service: StartedService;
let router: StartedService;
let client: WeftClient;

before(async () => {
  await writeVideoModel(folder.path, 'quick', { startMs: 0, rowMs: 0, maxFrames: 4 });
  await writeVideoModel(folder.path, 'slow', slow);
  looks.onmessage = (event) => {
    const look = (event as Record<'data', VideoLook>).data;
    if (look.model === 'slow') looked.push(look);
  };
  service = await startModelService('video', folder.path);
  await service.service.ready;
  router = await startRouterOver([service.address]);
  client = connect({ router: router.address });
});

after(async () => {
  client.close();
  await router.stop();
  await service.stop();
  looks.close();
  folder.remove();
});

async function all(results: AsyncIterable<VideoResult>): Promise<VideoResult[]> {
  const read: VideoResult[] = [];
  for await (const result of results) read.push(result);
  return read;
}

const analyze = (frames: Iterable<VideoFrameInput> | AsyncIterable<VideoFrameInput>, model = 'quick') =>
  client.vision.analyzeVideo(frames, { model, timeoutMs: 60_000 });

describe('a video', () => {
  test('has a result for each frame, in order, in which what moves keeps its id', async () => {
    const results = await all(analyze(Array.from({ length: 40 }, (_, index) => ({ image: squareAt(index) }))));
    assert.deepEqual(
      results.map(({ frameId, detections }) => [frameId, detections.map(({ trackId, box }) => [trackId, box.x])]),
      results.map((_, index) => [index + 1, [[1, index]]]),
    );
    const [first] = results;
    const found = first?.detections[0];
    assert.deepEqual([first?.model, first?.modelVersion, found?.label, found?.box.width], ['quick', '1', 'square', 16]);
  });

  test('goes on after a frame that cannot be read, which says so, and each frame has its own least score', async () => {
    const image = squareAt(5);
    const results = await all(
      analyze([
        { image, frameId: 7 },
        { image: Buffer.from('no image'), frameId: 8 },
        { image, frameId: 9, minScore: 1.5 },
        { image, frameId: 10, minScore: 0.95 },
        { image, frameId: 10, minScore: 0.85 },
      ]),
    );
    assert.deepEqual(
      results.map(({ frameId, error, detections }) => [frameId, error, detections.length]),
      [
        [7, '', 1],
        [8, 'image: unknown image format, expected one of JPEG, PNG, WebP, GIF, TIFF, AVIF', 0],
        [9, 'min_score: expected 0..1, got 1.5', 0],
        [10, '', 0],
        [10, '', 1],
      ],
    );
  });

  test('that may not be skipped is read as fast as it is looked at, with every frame answered', async (t) => {
    let pulled = 0;
    let answered = 0;
    let most = 0;
    async function* endless(): AsyncGenerator<VideoFrameInput> {
      for (; pulled < 120; pulled++) {
        most = Math.max(most, pulled - answered);
        // 160 KB: what is on its way is bounded in bytes.
        yield { image: squareAt(pulled % 300, 400) };
      }
    }
    for await (const { dropped } of analyze(endless(), 'slow')) {
      assert.equal(dropped, false);
      answered++;
    }
    assert.equal(answered, 120);
    t.diagnostic(`${most} frames were on their way`);
    // At the client two buffers of a megabyte, one of them grpc-js's; then one frame a hop, and those that are looked at.
    assert.ok(most <= 2 * 7 + 3 + 2 * 4, `${most} frames were on their way`);
  });

  test('whose client has gone is not looked at any more, however many of its frames are on their way', async () => {
    let pulled = 0;
    async function* flood(): AsyncGenerator<VideoFrameInput> {
      for (; ; pulled++) {
        yield { image: squareAt(5) };
      }
    }
    let before = 0;
    for await (const { frameId } of analyze(flood(), 'slow')) {
      if (frameId < 5) continue;
      before = looked.length;
      assert.ok(pulled >= before + 30, `${pulled} frames were on their way`);
      break;
    }
    while ((await scrape(String(service.service.metricsAddress))).sum('weft_instance_streams_open') > 0);
    const left = looked.length;
    // Another video shows that nothing of the first is still in line.
    await all(analyze([{ image: squareAt(5) }], 'slow'));
    // One was begun, and others while the word was on its way; a busy machine takes its time.
    assert.ok(left - before <= 12, `${left - before} looks`);
    assert.equal(looked.length, left + 1);
  });
});

describe('a camera', () => {
  test('goes on when the router gives up its connection, in a new stream with new ids', async () => {
    const args = ['--max-connection-age=500ms', '--max-connection-age-grace=100ms'];
    const impatient = await startRouterOver([service.address], { args });
    const own = connect({ router: impatient.address });
    let last = 0;
    async function* frames(until: number): AsyncGenerator<VideoFrameInput> {
      for (let frame = 0; last < until; frame++) {
        yield { image: squareAt(frame % 40), dropIfLate: true };
        await sleep(20);
      }
    }
    async function read(options: { readonly resume: boolean }): Promise<VideoResult[]> {
      const results: VideoResult[] = [];
      for await (const result of own.vision.analyzeVideo(frames(3), { model: 'quick', ...options })) {
        results.push(result);
        last = result.stream;
      }
      return results;
    }
    try {
      const results = await read({ resume: true });
      assert.deepEqual(
        results.map(({ frameId }) => frameId),
        results.map((_, index) => index + 1),
      );
      for (const stream of [1, 2, 3]) {
        const found = results.filter((result) => result.stream === stream && !result.lost && !result.dropped);
        assert.equal(found[0]?.detections[0]?.trackId, 1);
      }
      const lost = results.filter((result) => result.lost);
      assert.ok(lost.length < results.length / 4, `${lost.length} of ${results.length} were lost`);
      last = 0;
      await assert.rejects(read({ resume: false }), { code: 'UNAVAILABLE' });
    } finally {
      own.close();
      await impatient.stop();
    }
  });

  test('that pauses has no answer older than its frames may be at their turn, and hears which were', async () => {
    const frame = { image: squareAt(5), dropIfLate: true, maxAgeMs: 100 };
    // Each sends one frame and no newer one, which takes eight looks.
    const answers = (await Promise.all(Array.from({ length: 32 }, () => all(analyze([frame], 'slow'))))).flat();
    const [skipped, looked_] = [answers.filter(({ dropped }) => dropped), answers.filter(({ dropped }) => !dropped)];
    assert.equal(answers.length, 32);
    assert.ok(skipped.length > 0 && looked_.length > 0, `${skipped.length} of 32 were skipped`);
    for (const { ageMs } of skipped) assert.ok(ageMs > 100, `${ageMs} ms`);
    for (const { ageMs } of looked_) assert.ok(ageMs <= 100, `${ageMs} ms`);
  });
});

const seconds = process.env['WEFT_LONG_TESTS'] === undefined ? 6 : 60;

test(`of 16 cameras at more than capacity each gets its share, results in time, and memory is flat`, async (t) => {
  const withheld = watchWithheldTime(epochMs);
  const startMs = epochMs() + 200;
  const [cameras, fps] = [16, 10];
  // The time until the next frame, the look that goes on and its own, and the way: five threads of this test share the processors.
  const wayMs = 100;
  const deadlineMs = 1000 / fps + 2 * (slow.startMs + slow.rowMs * slow.maxFrames) + wayMs;
  const memory: number[] = [];
  const sampling = setInterval(() => memory.push(process.memoryUsage().rss / 2 ** 20), 250);
  t.after(() => {
    clearInterval(sampling);
    withheld.stop();
  });
  looked.length = 0;

  /** Without what the machine withheld: from this thread, or from the model, which sleeps and does nothing else. */
  function ageOf(dueMs: number, nowMs: number): number {
    const meanwhile = looked.filter(({ atMs }) => atMs > dueMs && atMs <= nowMs);
    const lateMs = meanwhile.reduce((sum, look) => sum + look.lateMs, 0);
    return nowMs - dueMs - Math.max(lateMs, withheld.between(dueMs, nowMs));
  }

  async function camera(at: number) {
    // They do not all take their pictures at the same instant.
    const dueMs = (frameId: number): number => startMs + ((frameId - 1 + at / cameras) * 1000) / fps;
    async function* frames(): AsyncGenerator<VideoFrameInput> {
      for (let frameId = 1; frameId <= seconds * fps; frameId++) {
        await sleep(Math.max(0, dueMs(frameId) - epochMs()));
        yield { image: squareAt(frameId % 40), frameId, dropIfLate: true };
      }
    }
    const ages: number[] = [];
    const results: VideoResult[] = [];
    for await (const result of analyze(frames(), 'slow')) {
      results.push(result);
      if (!result.dropped) ages.push(ageOf(dueMs(result.frameId), epochMs()));
    }
    return { results, ages };
  }

  const streams = await Promise.all(Array.from({ length: cameras }, (_, at) => camera(at)));
  for (const { results } of streams)
    assert.deepEqual(
      results.map(({ frameId }) => frameId),
      Array.from({ length: seconds * fps }, (_, index) => index + 1),
    );
  const shares = streams.map(({ ages }) => ages.length);
  const ages = streams.flatMap((stream) => stream.ages);
  const inTime = ages.filter((age) => age <= deadlineMs).length / ages.length;
  const perLook = looked.reduce((sum, { rows }) => sum + rows, 0) / looked.length;
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  const third = Math.floor(memory.length / 3);
  const grown = quantile(memory.slice(2 * third), 0.5) - quantile(memory.slice(third, 2 * third), 0.5);
  t.diagnostic(
    `${ages.length} of ${cameras * seconds * fps} frames, ${least} to ${most} of a stream, ${perLook.toFixed(1)} in a look; ` +
      `age p50 ${quantile(ages, 0.5).toFixed(0)}, p99 ${quantile(ages, 0.99).toFixed(0)} of ${deadlineMs.toFixed(0)} ms; memory ${grown.toFixed(0)} MB more; withheld ${withheld.between(startMs, epochMs()).toFixed(0)} ms, and ${looked.reduce((sum, { lateMs }) => sum + lateMs, 0).toFixed(0)} ms from the model`,
  );
  assert.ok(ages.length < cameras * seconds * fps * 0.7, 'the load is more than capacity');
  // Streams begin and end in the middle of a round.
  assert.ok(most <= least * 1.2 + 2, `${least} to ${most} frames`);
  assert.ok(inTime >= 0.98, `${(inTime * 100).toFixed(1)}% in ${deadlineMs.toFixed(0)} ms`);
  assert.ok(grown < 32, `${grown.toFixed(0)} MB more`);
});
