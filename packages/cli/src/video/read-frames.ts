// The frames that a person names: the images of a folder in the order of their names, motion JPEG from a file or stdin, an image or
// the pages of an animation, or anything that ffmpeg can read. A frame has a time where its source has: what is live the time when
// it came, an animation and a container their own; images and motion JPEG have the rate that the person says, if any.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WeftError } from '@weft/errors';
import { isImage } from '../input/read-image.ts';
import { readFileStart, readLocalFile } from '../input/read-local-file.ts';
import type { Shell } from '../shell.ts';
import { ffmpegFrames } from './ffmpeg-frames.ts';
import { sampled } from './sampled.ts';
import { splitJpegs } from './split-jpegs.ts';

export interface VideoFrameFile {
  /** An image file's bytes. */
  readonly bytes: Buffer;
  /** Of a folder. */
  readonly file?: string;
  /** From the beginning of the video. */
  readonly timeMs?: number;
}

export interface VideoSource {
  readonly path: string;
  /** So many frames of each second; of what has no times, so many make a second. */
  readonly fps: number | undefined;
  /** It comes as it is taken: motion JPEG from a camera. */
  readonly live: boolean;
  /** Nobody wants more of it. */
  readonly until: AbortSignal;
}

/** Bytes that tell what a file is. */
const startBytes = 12;

/** Throws a WeftError. */
export function readFrames(shell: Shell, source: VideoSource): AsyncIterable<VideoFrameFile> {
  const { fps } = source;
  const frames = framesOf(shell, source);
  return fps === undefined ? frames : sampled(frames, fps);
}

async function* framesOf(
  shell: Shell,
  { path, fps, live, until }: VideoSource,
): AsyncGenerator<VideoFrameFile, void, undefined> {
  if (path !== '-' && isFolder(path)) {
    yield* imagesOf(path);
    return;
  }
  const name = path === '-' ? 'stdin' : path;
  const chunks = path === '-' ? shell.stdin(until) : bytesOf(path);
  const { start, whole } = await peek(chunks);
  if (start.length === 0) throw new WeftError('INVALID_ARGUMENT', `${name} is empty`);
  if (isJpeg(start)) {
    const began = shell.now();
    for await (const bytes of splitJpegs(whole)) yield { bytes, ...(live ? { timeMs: shell.now() - began } : {}) };
  } else if (isImage(start)) {
    const { imagePages } = await import('@weft/image');
    for await (const { bytes, timeMs } of imagePages(await all(whole)))
      yield { bytes, ...(timeMs === undefined ? {} : { timeMs }) };
  } else {
    const from = path === '-' ? { bytes: whole } : { path };
    yield* ffmpegFrames({ name, source: from, fps, env: shell.env });
  }
}

async function* imagesOf(folder: string): AsyncGenerator<VideoFrameFile, void, undefined> {
  // A link may lead to a file; a pipe would wait for who writes into it.
  const names = readdirSync(folder).filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile());
  // frame-9 before frame-10.
  const sorted = names.sort(new Intl.Collator('en', { numeric: true }).compare);
  let found = false;
  for (const file of sorted) {
    // A film may lie beside the images.
    if (!isImage(await readFileStart(join(folder, file), startBytes))) continue;
    found = true;
    yield { bytes: await readLocalFile(join(folder, file)), file };
  }
  if (!found) throw new WeftError('INVALID_ARGUMENT', `${folder} holds no images`);
}

/** Enough of the first bytes to tell what they are, and all of them again. */
async function peek(chunks: AsyncIterable<Buffer>): Promise<{ start: Buffer; whole: AsyncIterable<Buffer> }> {
  const source = chunks[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let length = 0;
  while (length < startBytes) {
    const next = await source.next();
    if (next.done === true) break;
    read.push(next.value);
    length += next.value.length;
  }
  const start = Buffer.concat(read);
  async function* whole(): AsyncGenerator<Buffer, void, undefined> {
    yield start;
    yield* { [Symbol.asyncIterator]: () => source };
  }
  return { start, whole: whole() };
}

async function all(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const read: Buffer[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
}

async function* bytesOf(path: string): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of createReadStream(path)) yield chunk as Buffer;
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new WeftError('NOT_FOUND', `${path}: no such file or directory`);
  return found.isDirectory();
}

function isJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}
