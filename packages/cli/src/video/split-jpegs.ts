// Motion JPEG is JPEG files one after the other. Where one ends only its structure tells: the bytes of an end marker may as well
// be part of a segment, as of the preview that a camera embeds. So segments are skipped by their lengths, and only the coded
// picture behind them is searched (ITU-T T.81, B.1).
import { WeftError } from '@weft/errors';

const maxFrameBytes = 64 * 1024 * 1024;

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;

/** The files in a stream of bytes. Bytes between them are skipped; one that is cut short at the end is left out. */
export async function* splitJpegs(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  // What is not yet given, from the buffer's start on. The buffer doubles when it is full: a large frame in many chunks is not
  // copied with each of them.
  let buffer = Buffer.alloc(0);
  let length = 0;
  let walk = newWalk();
  for await (const chunk of chunks) {
    if (length + chunk.length > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, length + chunk.length));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    buffer.set(chunk, length);
    length += chunk.length;
    let given = 0;
    for (;;) {
      if (walk.at === 0) given += startIn(buffer.subarray(given, length));
      const rest = buffer.subarray(given, length);
      const end = endIn(rest, walk);
      if (end === undefined) break;
      yield Buffer.from(rest.subarray(0, end));
      given += end;
      walk = newWalk();
    }
    if (given > 0) buffer.copyWithin(0, given, length);
    length -= given;
    if (length > maxFrameBytes)
      throw new WeftError('INVALID_ARGUMENT', `a frame of over ${maxFrameBytes} bytes is no motion JPEG`);
  }
}

/** How far a file has been read. */
interface Walk {
  at: number;
  /** In the coded picture, behind the header of a scan. */
  inScan: boolean;
}

function newWalk(): Walk {
  return { at: 0, inScan: false };
}

/** Where the first file begins, or may begin with bytes that are still to come. */
function startIn(bytes: Buffer): number {
  const found = bytes.indexOf(Buffer.of(0xff, startOfImage));
  if (found !== -1) return found;
  return bytes.at(-1) === 0xff ? bytes.length - 1 : bytes.length;
}

/** The length of the file that `bytes` begin with; undefined while that is not known. Goes on where it was left. */
function endIn(bytes: Buffer, walk: Walk): number | undefined {
  while (walk.at < bytes.length) {
    if (walk.inScan) {
      const marker = bytes.indexOf(0xff, walk.at);
      walk.at = marker === -1 ? bytes.length : marker;
    }
    const code = bytes[walk.at + 1];
    if (code === undefined) return undefined;
    if (bytes[walk.at] !== 0xff) {
      // No marker where one must be: whatever this is, the next file may be behind it.
      walk.inScan = true;
    } else if (code === endOfImage) return walk.at + 2;
    else if (code === 0xff) walk.at += 1;
    else if (isAlone(code)) walk.at += 2;
    else {
      const length = walk.at + 4 <= bytes.length ? bytes.readUInt16BE(walk.at + 2) : undefined;
      if (length === undefined) return undefined;
      walk.inScan = code === startOfScan;
      walk.at += 2 + length;
    }
  }
  return undefined;
}

/** Markers without a segment: a start, restarts, and what stands for the byte 0xff in a coded picture. */
function isAlone(code: number): boolean {
  return code === startOfImage || (code >= 0xd0 && code <= 0xd7) || code <= 0x01;
}
