// The frames that a person names: the images of a folder in the order of their names, motion JPEG from a file or stdin, a single
// image, or anything that ffmpeg can read.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WeftError } from '@weft/errors';
import { isImage } from '../input/read-image.ts';
import { readLocalFile } from '../input/read-local-file.ts';
import type { Shell } from '../shell.ts';
import { ffmpegFrames } from './ffmpeg-frames.ts';
import { splitJpegs } from './split-jpegs.ts';

export interface VideoFrameFile {
  /** An image file's bytes. */
  readonly bytes: Buffer;
  /** Of a folder. */
  readonly file?: string;
}

/** `fps` chooses among the frames of a container, which alone knows its time. Throws a WeftError. */
export async function* readFrames(
  shell: Shell,
  path: string,
  fps: number | undefined,
): AsyncGenerator<VideoFrameFile, void, undefined> {
  if (path !== '-' && isFolder(path)) {
    yield* imagesOf(path);
    return;
  }
  const name = path === '-' ? 'stdin' : path;
  const chunks = path === '-' ? shell.stdin() : bytesOf(path);
  const { start, whole } = await peek(chunks);
  if (start.length === 0) throw new WeftError('INVALID_ARGUMENT', `${name} is empty`);
  if (isJpeg(start)) yield* framesOf(splitJpegs(whole));
  else if (isImage(start)) yield { bytes: await all(whole) };
  else {
    const source = path === '-' ? { bytes: whole } : { path };
    yield* framesOf(ffmpegFrames({ name, source, fps, env: shell.env }));
  }
}

async function* imagesOf(folder: string): AsyncGenerator<VideoFrameFile, void, undefined> {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
  // frame-9 before frame-10.
  const sorted = names.map(({ name }) => name).sort(new Intl.Collator('en', { numeric: true }).compare);
  let found = false;
  for (const file of sorted) {
    const bytes = await readLocalFile(join(folder, file));
    if (!isImage(bytes)) continue;
    found = true;
    yield { bytes, file };
  }
  if (!found) throw new WeftError('INVALID_ARGUMENT', `${folder} holds no images`);
}

async function* framesOf(frames: AsyncIterable<Buffer>): AsyncGenerator<VideoFrameFile, void, undefined> {
  for await (const bytes of frames) yield { bytes };
}

/** Enough of the first bytes to tell what they are, and all of them again. */
async function peek(chunks: AsyncIterable<Buffer>): Promise<{ start: Buffer; whole: AsyncIterable<Buffer> }> {
  const source = chunks[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let length = 0;
  while (length < 12) {
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
