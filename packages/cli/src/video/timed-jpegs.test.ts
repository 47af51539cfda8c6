import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type TimedJpeg, timedJpegs } from './timed-jpegs.ts';
import { smjpeg } from './testing/smjpeg.ts';

async function parsed(bytes: Buffer, pieceBytes: number): Promise<TimedJpeg[]> {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  const frames: TimedJpeg[] = [];
  for await (const frame of timedJpegs(pieces())) frames.push(frame);
  return frames;
}

test('frames and their times come out as they went in, however their bytes arrive', async () => {
  const frame = fc
    .tuple(fc.nat(2 ** 31), fc.uint8Array({ maxLength: 60 }))
    .map(([timeMs, bytes]) => ({ timeMs, bytes: Buffer.from(bytes) }));
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 70 }), async (frames, pieceBytes) =>
      assert.deepEqual(await parsed(smjpeg(frames), pieceBytes), frames),
    ),
    { numRuns: 200 },
  );
});

test('a frame that is cut short is left out, and what is something else is refused', async () => {
  const frames = [1, 2].map((timeMs) => ({ timeMs, bytes: Buffer.alloc(20, timeMs) }));
  const whole = smjpeg(frames);
  for (let length = 0; length < whole.length; length++)
    assert.ok((await parsed(whole.subarray(0, length), 1000)).length <= 2);
  assert.deepEqual(await parsed(whole.subarray(0, -30), 1000), frames.slice(0, 1));
  await assert.rejects(parsed(Buffer.from('a film in a container'), 5), /is no SMJPEG/);
});
