// The frames of real containers, where a real ffmpeg is on PATH; video.test.ts plays one everywhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isImage } from '../input/read-image.ts';
import { type FfmpegOptions, ffmpegFrames } from './ffmpeg-frames.ts';

const { env } = process;
const isMissing = spawnSync('ffmpeg', ['-version']).error !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'weft-ffmpeg-'));
after(() => rmSync(folder, { recursive: true }));

/** A second of ten frames, with sound. */
function film(name: string): string {
  const path = join(folder, name);
  const picture = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=1'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1'];
  const made = spawnSync('ffmpeg', [...picture, ...sound, '-c:v', 'mpeg4', '-c:a', 'mp2', '-y', path]);
  assert.equal(made.status, 0, made.stderr.toString());
  return path;
}

async function times(source: FfmpegOptions['source'], fps?: number): Promise<number[]> {
  const found: number[] = [];
  for await (const { bytes, timeMs } of ffmpegFrames({ name: 'film', source, fps, env })) {
    assert.ok(isImage(bytes));
    found.push(timeMs);
  }
  return found;
}

describe('ffmpeg', { skip: isMissing && 'no ffmpeg on PATH' }, () => {
  test('gives the frames of a film with their times, or so many of each second', async () => {
    const path = film('film.mp4');
    assert.deepEqual(
      await times({ path }),
      Array.from({ length: 10 }, (_, index) => index * 100),
    );
    assert.deepEqual(await times({ path }, 5), [0, 200, 400, 600, 800]);
  });

  test('reads what comes through a pipe', async () => {
    assert.equal((await times({ bytes: createReadStream(film('film.ts')) }, 5)).length, 5);
  });

  test('says what is wrong with what is no film', async () => {
    const path = join(import.meta.dirname, 'ffmpeg.native.test.js');
    await assert.rejects(times({ path }), /film: ffmpeg cannot read it: .*Invalid data found/);
  });
});
