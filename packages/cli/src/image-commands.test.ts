// The commands that make images, against a real gRPC server with fixed answers.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Answer, type FakeRouter, startFakeRouter } from '@weft/client/testing';
import { decodeEncodedImage } from '@weft/image';
import { runWeft } from './testing/run-weft.ts';

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const served = { model: 'm', modelVersion: '1' };

const answers: Record<string, Answer> = {
  '/weft.generator.v1.GeneratorService/UpscaleStream': ({ request }) =>
    [0, 2].map((x) => ({
      ...served,
      x,
      image: { raw: { width: 2, height: 2, channels: 3, pixels: Buffer.alloc(12, 50 + x) } },
      progress: (x + 2) / 4,
      ...(request['model'] === 'wide' ? { width: 17_000, height: 1 } : { width: 4, height: 2 }),
      scale: 2,
    })),
  '/weft.generator.v1.GeneratorService/Generate': ({ request }) =>
    Array.from({ length: request['count'] as number }, (_, index) => ({
      ...served,
      index,
      image: { encoded: Buffer.from(`image ${index}`) },
      progress: 1,
      seed: (request['seed'] as number) + index,
      label: request['label'],
    })),
  '/weft.generator.v1.GeneratorService/Interpolate': ({ request }) =>
    [request['seedFrom'], 0, request['seedTo']].map((seed, index) => ({
      ...{ ...served, index, image: { encoded: png }, progress: 1, seed, label: request['label'] },
    })),
};

describe('commands that make images', { timeout: 60_000 }, () => {
  let router: FakeRouter;
  let folder: string;
  let small: string;
  before(async () => {
    router = await startFakeRouter(answers);
    folder = mkdtempSync(join(tmpdir(), 'weft-cli-'));
    small = join(folder, 'small.png');
    writeFileSync(small, png);
  });
  after(() => {
    router.stop();
    rmSync(folder, { recursive: true });
  });

  /** Standard output of a run that must succeed and write nothing else. */
  async function weft(args: readonly string[]): Promise<string> {
    const { exitCode, out, err } = await runWeft([...args, '--router', router.address]);
    assert.deepEqual([exitCode, err], [0, '']);
    return out;
  }

  async function weftJson(args: readonly string[]): Promise<Record<string, unknown>> {
    return JSON.parse(await weft([...args, '--json'])) as Record<string, unknown>;
  }

  test('upscale joins the tiles and writes the file in the format of its ending', async () => {
    const target = join(folder, 'large.JPG');
    const line = await weft(['upscale', small, target]);
    assert.match(line, new RegExp(`^${target}: ×2 by m, 4×2, \\d+ B\n$`));
    assert.equal(readFileSync(target).subarray(0, 3).toString('hex'), 'ffd8ff');
    const { bytes, ...rest } = await weftJson(['upscale', small, target]);
    assert.deepEqual(rest, { ...served, scale: 2, width: 4, height: 2, file: target, format: 'jpeg' });
    assert.equal(bytes, readFileSync(target).length);
    const exact = join(folder, 'large.png');
    await weft(['upscale', small, exact]);
    const { pixels } = await decodeEncodedImage(readFileSync(exact), 'large', { maxImagePixels: 8 });
    assert.deepEqual(
      [...pixels].filter((_, at) => at % 3 === 0),
      [50, 50, 52, 52, 50, 50, 52, 52],
    );
  });

  test('upscale says at once when the format has no such size', async () => {
    const target = join(folder, 'wide.webp');
    const run = await runWeft(['upscale', small, target, '--model', 'wide', '--router', router.address]);
    assert.equal(run.exitCode, 1);
    assert.match(run.err, /17000×1 pixels, and webp no more than 16383 a side: write a \.png/);
  });

  test('draw writes each image into the folder, and tells the seeds', async () => {
    const target = join(folder, 'new', 'sevens');
    const lines = [`${target}/0000.png  7  seed 5`, `${target}/0001.png  7  seed 6`, ''];
    assert.equal(await weft(['draw', '7', '--count', '2', '--seed', '5', '-o', target]), lines.join('\n'));
    assert.equal(readFileSync(join(target, '0001.png'), 'utf8'), 'image 1');
    const walk = await weftJson(['draw', '7', '--seed', '5', '--to', '9', '-o', target]);
    assert.deepEqual(walk, {
      ...served,
      images: [5, 0, 9].map((seed, index) => ({ file: `${target}/000${index}.png`, label: '7', seed })),
    });
  });
});
