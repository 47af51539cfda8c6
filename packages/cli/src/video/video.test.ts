// weft video against a real gRPC server that says of each frame how many bytes it had.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Server, ServerDuplexStream } from '@grpc/grpc-js';
import { type FakeRouter, startFakeRouter } from '@weft/client/testing';
import { blankImage, encodeImage } from '@weft/image';
import { rpcMethod } from '@weft/rpc';
import type { VideoFrame__Output } from '@weft/rpc/messages/weft/vision/v1/VideoFrame';
import { type Run, runWeft } from '../testing/run-weft.ts';

const path = '/weft.vision.v1.VisionService/AnalyzeVideo';
const frames: VideoFrame__Output[] = [];
const folder = mkdtempSync(join(tmpdir(), 'weft-video-'));
let router: FakeRouter;

/** The second frame is dropped if it may be, the third one cannot be read. */
function register(server: Server): void {
  const method = rpcMethod(path);
  const bytes = (message: Buffer): Buffer => message;
  const serve = (call: ServerDuplexStream<Buffer, Buffer>): void => {
    let count = 0;
    call.on('data', (message: Buffer) => {
      const frame = method.decodeRequest(message) as VideoFrame__Output;
      frames.push(frame);
      count++;
      const { frameId, dropIfLate, image } = frame;
      const box = { x: 2, y: 2, width: 8, height: 8 };
      const label = String(image?.encoded?.length);
      if (count === 2 && dropIfLate) call.write(method.encodeResponse({ frameId, dropped: true }));
      else if (count === 3) call.write(method.encodeResponse({ frameId, error: 'image: truncated' }));
      else call.write(method.encodeResponse({ frameId, detections: [{ label, score: 0.5, box, trackId: 7 }] }));
    });
    call.on('end', () => call.end());
  };
  server.register(path, serve, bytes, bytes, 'bidi');
}

async function jpeg(side: number): Promise<Buffer> {
  return (await encodeImage(blankImage(side, side, [9, 9, 9]), 'IMAGE_FORMAT_JPEG')).encoded as Buffer;
}

const sizes = [16, 160, 320, 480];
let images: Buffer[];

before(async () => {
  router = await startFakeRouter({}, undefined, { register });
  images = await Promise.all(sizes.map(jpeg));
});

after(() => {
  router.stop();
  rmSync(folder, { recursive: true });
});

const weft = (args: readonly string[], overrides: Parameters<typeof runWeft>[1] = {}): Promise<Run> =>
  runWeft(['video', ...args, '--router', router.address], overrides);

/** The lines, as [frameId, label or what is said instead]. */
function told({ out }: Run): unknown[] {
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines.map(({ frameId, detections, dropped, error }) => {
    const [first] = detections as { label: string }[];
    return [frameId, first?.label ?? (dropped === true ? 'dropped' : error)];
  });
}

const expected = (): unknown[] =>
  images.map(({ length }, index) => [index + 1, index === 2 ? 'image: truncated' : String(length)]);

describe('weft video', () => {
  test('tells of each image of a folder, in the order of their names', async () => {
    const directory = join(folder, 'frames');
    mkdirSync(directory);
    for (const [index, image] of images.entries()) writeFileSync(join(directory, `frame-${index + 8}.jpg`), image);
    writeFileSync(join(directory, 'notes.txt'), 'no image');
    const run = await weft([directory, '--min-score', '0.25', '--model', 'm']);
    assert.equal(run.exitCode, 0, run.err);
    assert.deepEqual(told(run), expected());
    assert.match(run.out, /^{"file":"frame-8.jpg","detections":/);
    const [first, second] = frames.slice(-4);
    assert.deepEqual([first?.model, first?.minScore, second?.minScore, second?.dropIfLate], ['m', 0.25, 0.25, false]);
  });

  test('tells of each frame of motion JPEG, from a file and from stdin', async () => {
    const file = join(folder, 'video.mjpeg');
    writeFileSync(file, Buffer.concat(images));
    assert.deepEqual(told(await weft([file])), expected());
    assert.deepEqual(told(await weft(['-'], { input: Buffer.concat(images) })), expected());
    assert.deepEqual(told(await weft([file, '--fps', '500', '--drop-if-late']))[1], [2, 'dropped']);
  });

  test('writes frames with what was found drawn into them, and none for those that were not looked at', async () => {
    const output = join(folder, 'annotated', 'deep');
    const run = await weft(['-', '--output', output, '--drop-if-late'], { input: Buffer.concat(images) });
    assert.equal(run.exitCode, 0, run.err);
    assert.equal(run.out, `${output}: 4 frames, 1 dropped, 1 unreadable\n`);
    assert.deepEqual(readdirSync(output).sort(), ['000001.jpg', '000004.jpg']);
    const json = await weft(['-', '--output', output, '--json'], { input: images[0] as Buffer });
    assert.deepEqual(JSON.parse(json.out), { frames: 1, dropped: 0, unreadable: 0, output });
  });

  test('has ffmpeg read what is neither, and says so where there is none', async () => {
    const film = join(folder, 'film.mp4');
    writeFileSync(film, 'a film in a container');
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const without = await weft([film], { env: { PATH: bin } });
    assert.equal(without.exitCode, 1);
    assert.equal(
      without.err,
      `weft: ${film} is neither an image nor motion JPEG: other videos need ffmpeg, which is not on PATH\n`,
    );
    writeFileSync(join(folder, 'frames.mjpeg'), Buffer.concat(images));
    // In the place of ffmpeg: checks what it is asked, and gives the frames.
    const script = `#!${process.execPath}
const args = process.argv.slice(2).join(' ');
const asked = '-i file:${film} -vf fps=50 -f image2pipe -c:v mjpeg';
if (!args.includes(asked)) { console.error('first line\\nno such video'); process.exit(1); }
process.stdout.write(require('fs').readFileSync('${join(folder, 'frames.mjpeg')}'));`;
    writeFileSync(join(bin, 'ffmpeg'), script);
    chmodSync(join(bin, 'ffmpeg'), 0o755);
    assert.deepEqual(told(await weft([film, '--fps', '50'], { env: { PATH: bin } })), expected());
    const broken = await weft([film], { env: { PATH: bin } });
    assert.equal(broken.err, `weft: ${film}: ffmpeg cannot read it: no such video\n`);
    assert.equal(broken.exitCode, 1);
    const piped = await weft(['-'], { input: 'a film, too', env: { PATH: bin } });
    assert.equal(piped.err, 'weft: stdin: ffmpeg cannot read it: no such video\n');
  });

  test('says what is missing', async () => {
    assert.match((await weft([join(folder, 'nothing')])).err, /nothing: no such file or directory/);
    assert.match((await weft(['-'])).err, /stdin is empty/);
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    assert.match((await weft([bare])).err, /bare holds no images/);
    assert.equal((await weft(['-', '--fps', '0'])).exitCode, 2);
  });
});
