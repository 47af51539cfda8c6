import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitJpegs } from './split-jpegs.ts';

const segment = (marker: number, content: Buffer): Buffer => {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(0xff00 | marker);
  header.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([header, content]);
};

/** A file with anything in its segments, and a coded picture in which 0xff is stuffed and restarts occur. */
const jpeg = fc
  .record({
    segments: fc.array(fc.tuple(fc.constantFrom(0xe0, 0xe1, 0xdb, 0xc0, 0xfe), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 4,
    }),
    coded: fc.array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xff, 0xd9, 0xd8, -1)), {
      maxLength: 60,
    }),
  })
  .map(({ segments, coded }) =>
    Buffer.concat([
      Buffer.of(0xff, 0xd8),
      ...segments.map(([marker, content]) => segment(marker, Buffer.from(content))),
      segment(0xda, Buffer.of(1, 1, 0xff, 0xd9, 63, 0)),
      ...coded.map((byte) =>
        byte === -1 ? Buffer.of(0xff, 0xd3) : byte === 0xff ? Buffer.of(0xff, 0) : Buffer.of(byte),
      ),
      Buffer.of(0xff, 0xd9),
    ]),
  );

async function split(chunks: readonly Uint8Array[]): Promise<Buffer[]> {
  async function* given(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const found: Buffer[] = [];
  for await (const frame of splitJpegs(given())) found.push(Buffer.from(frame));
  return found;
}

/** Cuts bytes into pieces of these lengths, over and over. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const length = lengths[piece % lengths.length] as number;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

test('joined files are split into the same files, however their bytes arrive', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(jpeg, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
      async (files, lengths) => assert.deepEqual(await split(cut(Buffer.concat(files), lengths)), files),
    ),
    { numRuns: 300 },
  );
});

test('a file within a segment, and bytes between files, split nothing', async () => {
  const preview = Buffer.of(0xff, 0xd8, 0xff, 0xd9);
  const file = Buffer.concat([
    Buffer.of(0xff, 0xd8),
    segment(0xe1, preview),
    segment(0xda, preview),
    Buffer.of(1, 0xff, 0xd9),
  ]);
  const bytes = Buffer.concat([Buffer.from('--boundary\r\n'), file, Buffer.from('\r\n--boundary\r\n'), file]);
  assert.deepEqual(await split([bytes]), [file, file]);
  assert.deepEqual(await split(cut(bytes, [1])), [file, file]);
});

test('a file that is cut short at the end is left out', async () => {
  const file = Buffer.of(0xff, 0xd8, 0xff, 0xda, 0, 2, 7, 0xff, 0xd9);
  assert.deepEqual(await split([file, file.subarray(0, 8)]), [file]);
});

test('a large frame in many chunks is not copied with each of them', { timeout: 10_000 }, async () => {
  const coded = Buffer.alloc(24 * 2 ** 20, 1);
  const file = Buffer.concat([Buffer.of(0xff, 0xd8), segment(0xda, Buffer.of(0)), coded, Buffer.of(0xff, 0xd9)]);
  // With each of them it would be 300 GB.
  const [frame] = await split(cut(Buffer.concat([file, file.subarray(0, 100)]), [1024]));
  assert.equal(frame?.equals(file), true);
});
