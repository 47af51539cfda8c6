// weft video against a real gRPC server that says of each frame how many bytes it had.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { type FakeRouter, startFakeRouter } from '@weft/client/testing';
import { blankImage, encodeImage } from '@weft/image';
import { rpcMethod } from '@weft/rpc';
import type { VideoFrame__Output } from '@weft/rpc/messages/weft/vision/v1/VideoFrame';
import { type Run, runWeft, startWeft } from '../testing/run-weft.ts';
import { smjpeg } from './testing/smjpeg.ts';

const path = '/weft.vision.v1.VisionService/AnalyzeVideo';
const frames: VideoFrame__Output[] = [];
const folder = mkdtempSync(join(tmpdir(), 'weft-video-'));
let router: FakeRouter;

/** The second frame is dropped if it may be, the third one cannot be read. The first stream of the model `frail` breaks at its third. */
function register(server: Server): void {
  const method = rpcMethod(path);
  const bytes = (message: Buffer): Buffer => message;
  let isBroken = false;
  const serve = (call: ServerDuplexStream<Buffer, Buffer>): void => {
    let count = 0;
    let isFrail = false;
    call.on('data', (message: Buffer) => {
      const frame = method.decodeRequest(message) as VideoFrame__Output;
      frames.push(frame);
      count++;
      isFrail ||= frame.model === 'frail' && !isBroken;
      if (isFrail && count === 3) {
        isBroken = true;
        call.emit('error', { code: status.UNAVAILABLE, details: 'the replica is gone' });
        return;
      }
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

const timesOf = ({ out }: Run): unknown[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as Record<string, unknown>)['timeMs']);

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
    assert.deepEqual(told(await weft([file, '--drop-if-late', '--max-age', '1s']))[1], [2, 'dropped']);
    assert.equal(frames.at(-1)?.maxAgeMs, 1000);
  });

  test('writes frames with what was found drawn into them, and none for those that were not looked at', async () => {
    const output = join(folder, 'annotated', 'deep');
    const run = await weft(['-', '--output', output, '--drop-if-late'], { input: Buffer.concat(images) });
    assert.equal(run.exitCode, 0, run.err);
    assert.equal(run.out, `${output}: 4 frames, 1 dropped, 1 unreadable\n`);
    assert.deepEqual(readdirSync(output).sort(), ['000001.jpg', '000004.jpg']);
    const json = await weft(['-', '--output', output, '--json'], { input: images[0] as Buffer });
    assert.deepEqual(JSON.parse(json.out), { frames: 1, dropped: 0, unreadable: 0, lost: 0, output });
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
    const times = images.map((bytes, index) => ({ bytes, timeMs: index * 20 }));
    writeFileSync(join(folder, 'frames.smj'), smjpeg(times));
    // In the place of ffmpeg: checks what it is asked, and gives the frames.
    const script = `#!${process.execPath}
const args = process.argv.slice(2).join(' ');
const asked = '-i file:${film} -vf fps=50 -an -c:v mjpeg';
if (!args.includes(asked)) { console.error('[mov @ 0x5f] cut short\\n    Last message repeated 1 times\\nno such video\\n'); process.exit(1); }
process.stdout.write(require('fs').readFileSync('${join(folder, 'frames.smj')}'));`;
    writeFileSync(join(bin, 'ffmpeg'), script);
    chmodSync(join(bin, 'ffmpeg'), 0o755);
    const read = await weft([film, '--fps', '50'], { env: { PATH: bin } });
    assert.deepEqual(told(read), expected());
    assert.deepEqual(timesOf(read), [0, 20, 40, 60]);
    const broken = await weft([film], { env: { PATH: bin } });
    assert.equal(broken.err, `weft: ${film}: ffmpeg cannot read it: cut short; no such video\n`);
    assert.equal(broken.exitCode, 1);
    const piped = await weft(['-'], { input: 'a film, too', env: { PATH: bin } });
    assert.equal(piped.err, 'weft: stdin: ffmpeg cannot read it: cut short; no such video\n');
  });

  test('reads no more than the first bytes of what is no image, and leaves out what is no file', async () => {
    const directory = join(folder, 'mixed');
    mkdirSync(directory);
    writeFileSync(join(directory, '1.jpg'), images[0] as Buffer);
    // More than a buffer can hold, and nothing on the disk.
    writeFileSync(join(directory, 'film.mp4'), 'a film');
    truncateSync(join(directory, 'film.mp4'), 10 * 2 ** 30);
    symlinkSync('1.jpg', join(directory, '2.jpg'));
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(join(directory, '3.jpg'), resolve));
    const run = await weft([directory]);
    socket.close();
    assert.equal(run.err, '');
    assert.deepEqual(
      told(run),
      [1, 2].map((frameId) => [frameId, String(images[0]?.length)]),
    );
  });

  test('tells the time of a frame where that is known: of an animation, and by the rate of what has none', async () => {
    const file = join(folder, 'pages.gif');
    // Of 8×8 pixels, shown for 100, 40 and 100 ms.
    const threePages =
      'R0lGODlhCAAIAIAAAExpcQMDAyH/C05FVFNDQVBFMi4wAwEAAAAh+QQFCgAAACwAAAAACAAIAAACB4yPqcvtXQAAIfkEBQQAAAAsAAAAAAgACACATGlxRkZGAgeMj6nL7V0AACH5BAUKAAAALAAAAAAIAAgAgExpcYyMjAIHjI+py+1dAAA7';
    writeFileSync(file, Buffer.from(threePages, 'base64'));
    assert.deepEqual(timesOf(await weft([file])), [0, 100, 140]);
    assert.deepEqual(timesOf(await weft([file, '--fps', '10'])), [0, 100]);
    const still = join(folder, 'still.mjpeg');
    writeFileSync(still, Buffer.concat(images));
    assert.deepEqual(timesOf(await weft([still])), [undefined, undefined, undefined, undefined]);
    assert.deepEqual(timesOf(await weft([still, '--fps', '4'])), [0, 250, 500, 750]);
  });

  test('takes motion JPEG from stdin for a camera, of whose frames --fps leaves out those that come too soon', async () => {
    let now = 0;
    async function* stdin(): AsyncGenerator<Buffer> {
      for (let frame = 0; frame < 30; frame++) {
        now = frame * 40;
        yield images[0] as Buffer;
      }
    }
    assert.deepEqual(
      timesOf(await weft(['-', '--fps', '5'], { stdin, now: () => now })),
      [0, 200, 400, 600, 800, 1000],
    );
  });

  test('sends a recording as fast as it is taken, or as a camera would', async () => {
    const file = join(folder, 'recording.mjpeg');
    writeFileSync(file, Buffer.concat(images));
    const began = performance.now();
    const now = (): number => performance.now() - began;
    assert.equal((await weft([file, '--fps', '0.1'], { now })).exitCode, 0);
    assert.ok(now() < 10_000, 'its frames are 10 s apart');
    const fromMs = now();
    assert.equal((await weft([file, '--fps', '20', '--real-time'], { now })).exitCode, 0);
    assert.ok(now() - fromMs >= 149, 'its frames are 50 ms apart');
    assert.equal(
      (await weft([file, '--real-time'])).err,
      'weft: images and motion JPEG have no times: --real-time needs --fps for them\n',
    );
  });

  test('goes on in a new stream when one is lost, and says what was lost with it', async () => {
    let isLost = false;
    async function* stdin(): AsyncGenerator<Buffer> {
      yield* images.slice(0, 3);
      while (!isLost) await new Promise(setImmediate);
      yield* images.slice(0, 2);
    }
    let said = '';
    const err = (text: string): void => {
      said += text;
      isLost = true;
    };
    const run = await weft(['-', '--model', 'frail'], { stdin, err });
    assert.equal(run.exitCode, 0);
    assert.equal(said, 'weft: lost the stream: the replica is gone; trying a new one, in which trackIds begin anew\n');
    const lines = run.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      lines.map(({ frameId, stream, lost }) => [frameId, stream, lost]),
      [
        [1, 1, false],
        [2, 1, false],
        [3, 1, true],
        [4, 2, false],
        [5, 2, false],
      ],
    );
  });

  test('ends with Ctrl-C: a camera as it is, a recording with the word that it was not the end', async () => {
    async function* stdin(): AsyncGenerator<Buffer> {
      yield* images;
      await new Promise(() => {});
    }
    const output = join(folder, 'stopped');
    const camera = startWeft(['video', '-', '--output', output, '--router', router.address], { stdin });
    const recording = ['video', '-', '--fps', '4', '--real-time', '--router', router.address];
    const stopped = startWeft(recording, { stdin, now: () => performance.now() });
    await stopped.has('"frameId":1');
    while (!existsSync(join(output, '000004.jpg'))) await new Promise(setImmediate);
    camera.shell.signal();
    stopped.shell.signal();
    assert.equal(await camera.done, 0);
    assert.match(camera.shell.written.out, /: 4 frames, 0 dropped, 1 unreadable\n$/);
    assert.equal(await stopped.done, 1);
    assert.match(stopped.shell.written.err, /^weft: stopped after [12] frames\n$/);
  });

  test('says in one line when stdin cannot be read, also while ffmpeg does', async () => {
    const bin = join(folder, 'waiting-bin');
    mkdirSync(bin);
    // In the place of ffmpeg: reads, and ends neither by itself nor when it is asked to.
    writeFileSync(
      join(bin, 'ffmpeg'),
      `#!${process.execPath}\nprocess.on('SIGTERM', () => {}); process.stdin.resume(); setInterval(() => {}, 1000);`,
    );
    chmodSync(join(bin, 'ffmpeg'), 0o755);
    async function* torn(start: Buffer): AsyncGenerator<Buffer> {
      yield start;
      throw new Error('EIO: i/o error, read');
    }
    for (const start of [Buffer.from('a film in a container'), images[0] as Buffer]) {
      const run = await weft(['-'], { stdin: () => torn(start), env: { PATH: bin } });
      assert.deepEqual([run.exitCode, run.err], [1, 'weft: EIO: i/o error, read\n']);
    }
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
