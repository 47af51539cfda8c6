// SMJPEG, the simplest container whose frames have times: a header of chunks, then for each frame its kind, its time in
// milliseconds, its length and a JPEG file, all numbers big-endian (https://wiki.multimedia.cx/index.php/SMJPEG). ffmpeg writes it.
import { WeftError } from '@weft/errors';
import { ByteReader } from './byte-reader.ts';

const magic = '\0\nSMJPEG';
const maxFrameBytes = 64 * 1024 * 1024;

export interface TimedJpeg {
  readonly bytes: Buffer;
  readonly timeMs: number;
}

/** Ends with the bytes: one that is cut short is left out. Throws a WeftError for what is no SMJPEG. */
export async function* timedJpegs(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TimedJpeg, void, undefined> {
  const reader = new ByteReader(chunks);
  const start = await reader.read(magic.length);
  if (start === undefined) return;
  if (start.toString('latin1') !== magic) throw broken(start);
  // Version and duration.
  await reader.read(8);
  for (let isHeader = true; ; ) {
    const kind = (await reader.read(4))?.toString('latin1');
    if (kind === undefined || kind === 'DONE') return;
    if (kind === 'HEND') {
      isHeader = false;
      continue;
    }
    const time = isHeader ? 0 : await reader.read(4);
    const length = (await reader.read(4))?.readUInt32BE();
    if (time === undefined || length === undefined) return;
    if (length > maxFrameBytes) throw broken(Buffer.from(kind));
    const bytes = await reader.read(length);
    if (bytes === undefined) return;
    if (time !== 0 && kind === 'vidD') yield { bytes, timeMs: time.readUInt32BE() };
  }
}

function broken(bytes: Buffer): WeftError {
  return new WeftError(
    'INVALID_ARGUMENT',
    `ffmpeg wrote ${JSON.stringify(bytes.toString('latin1'))}, which is no SMJPEG`,
  );
}
