// The generator's streams, from the SDK through a router and a service to networks in a worker.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type GeneratedImage, type RawPixels, type WeftClient } from '@weft/client';
import sharp from 'sharp';
import { copyDefaultModel, temporaryFolder } from './testing/author-models.ts';
import { peakOfChildrenMb } from './testing/child-memory.ts';
import { writeDrawingModel, writeEnlargingModel } from './testing/generator-models.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';

const folder = temporaryFolder();
let service: StartedService;
let router: StartedService;
let client: WeftClient;

before(async () => {
  await writeEnlargingModel(folder.path, 'x4');
  await writeEnlargingModel(folder.path, 'single', { stream_slots: '1' });
  await writeEnlargingModel(folder.path, 'apart', { isolation: 'process' });
  await writeDrawingModel(folder.path, 'pets');
  await copyDefaultModel(folder.path, 'generator/esrgan-x2');
  service = await startModelService('generator', folder.path);
  await service.service.ready;
  router = await startRouterOver([service.address]);
  client = connect({ router: router.address, timeoutMs: 250_000 });
});

after(async () => {
  client.close();
  await router.stop();
  await service.stop();
  folder.remove();
});

/** Every pixel its own colour, nearly. */
function pattern(width: number, height: number): RawPixels {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at++) pixels[at] = (at * 2_654_435_761) >>> 24;
  return { width, height, channels: 3, pixels };
}

describe('a large image', () => {
  test('comes in tiles that join to what Upscale answers of a network', async () => {
    const encoded = await sharp(pattern(40, 30).pixels, { raw: { width: 40, height: 30, channels: 3 } })
      .resize(230, 200, { kernel: 'cubic' })
      .png()
      .toBuffer();
    const whole = await client.generator.upscale({ image: encoded, format: 'raw' }, { model: 'esrgan-x2' });
    const joined = Buffer.alloc(whole.image.pixels.length);
    let tiles = 0;
    for await (const tile of client.generator.upscaleStream(
      { image: encoded, format: 'raw' },
      { model: 'esrgan-x2' },
    )) {
      const { width, height, pixels } = tile.image;
      for (let row = 0; row < height; row++)
        joined.set(pixels.subarray(row * width * 3, (row + 1) * width * 3), ((tile.y + row) * tile.width + tile.x) * 3);
      assert.deepEqual([tile.model, tile.width, tile.height, tile.scale], ['esrgan-x2', 460, 400, 2]);
      assert.equal(tile.progress, ++tiles / 4);
    }
    assert.ok(joined.equals(whole.image.pixels));
  });

  test('is refused by Upscale over the limit of its model, and taken by the stream', async () => {
    const image = pattern(300, 300);
    await assert.rejects(client.generator.upscale({ image }, { model: 'x4' }), {
      code: 'INVALID_ARGUMENT',
      message: /300×300 is 90000 pixels, over the limit of 65536/,
    });
    let pixels = 0;
    for await (const tile of client.generator.upscaleStream({ image, format: 'raw' }, { model: 'x4' }))
      pixels += tile.image.width * tile.image.height;
    assert.equal(pixels, 1200 * 1200);
  });

  test('of 4000×3000 pixels goes through a worker that never holds its result', {
    skip: process.platform === 'linux' ? false : 'memory is read from /proc',
  }, async (t) => {
    const options = { model: 'apart' };
    for await (const tile of client.generator.upscaleStream({ image: pattern(400, 300), format: 'raw' }, options))
      assert.equal(tile.width, 1600);
    const before = peakOfChildrenMb();
    const image = await sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#336699' } })
      .jpeg()
      .toBuffer();
    let [pixels, wrong] = [0, 0];
    for await (const { image: tile } of client.generator.upscaleStream({ image, format: 'raw' }, options)) {
      pixels += tile.width * tile.height;
      for (const [channel, value] of [0x33, 0x66, 0x99].entries())
        if (Math.abs((tile.pixels[channel] as number) - value) > 2) wrong++;
    }
    const grownMb = peakOfChildrenMb() - before;
    t.diagnostic(`the worker's process had ${before.toFixed(0)} MB, and ${grownMb.toFixed(0)} MB more for 4000×3000`);
    assert.deepEqual([pixels, wrong], [16_000 * 12_000, 0]);
    // The image itself has 36 MB. Its result would have 576.
    assert.ok(before > 0);
    assert.ok(grownMb < 160, `${grownMb.toFixed(0)} MB`);
  });

  test('whose reader leaves frees its slot for the next', async () => {
    const options = { model: 'single' };
    for (let round = 0; round < 3; round++) {
      for await (const tile of client.generator.upscaleStream({ image: pattern(1500, 1500) }, options)) {
        assert.equal(tile.width, 6000);
        break;
      }
    }
    const leaving = new AbortController();
    const tiles = client.generator.upscaleStream(
      { image: pattern(1500, 1500), format: 'raw' },
      { ...options, signal: leaving.signal },
    );
    await tiles.next();
    leaving.abort();
    await assert.rejects(
      async () => {
        for await (const tile of tiles) assert.ok(tile.progress < 1);
      },
      { code: 'CANCELLED' },
    );
    let last = 0;
    for await (const tile of client.generator.upscaleStream({ image: pattern(200, 10) }, options)) last = tile.progress;
    assert.equal(last, 1);
  });
});

describe('images of seeds', () => {
  async function all(stream: AsyncIterable<GeneratedImage<RawPixels>>): Promise<GeneratedImage<RawPixels>[]> {
    const images: GeneratedImage<RawPixels>[] = [];
    for await (const image of stream) images.push(image);
    return images;
  }
  const options = { model: 'pets' };

  test('are the same for the same seed, whoever asks beside and whichever way', async () => {
    const asked = { count: 30, seed: 100, format: 'raw' } as const;
    const [first, second] = await Promise.all([
      all(client.generator.generate(asked, options)),
      all(client.generator.generate(asked, options)),
      all(client.generator.generate({ ...asked, seed: 7 }, options)),
    ]);
    assert.deepEqual(first, second);
    const direct = connect({ router: service.address });
    const [alone] = await all(direct.generator.generate({ seed: 117, format: 'raw' }, options));
    direct.close();
    assert.deepEqual(alone?.image, first[17]?.image);
    assert.deepEqual(new Set(first.map(({ label }) => label)), new Set(['cat', 'dog']));
    assert.deepEqual([first.at(-1)?.index, first.at(-1)?.progress, first.at(-1)?.model], [29, 1, 'pets']);
  });

  test('show what was asked for', async () => {
    const [cat, dog] = await Promise.all(
      ['cat', 'dog'].map((label) => all(client.generator.generate({ label, seed: 5, format: 'raw' }, options))),
    );
    const shades = (made: GeneratedImage<RawPixels>[] | undefined): number[] => [...(made?.[0]?.image.pixels ?? [])];
    assert.deepEqual(
      shades(dog).map((shade, at) => Math.round((shade - (shades(cat)[at] as number)) / 25.5)),
      [...new Array<number>(12).fill(1)],
    );
    await assert.rejects(all(client.generator.generate({ label: 'cow', format: 'raw' }, options)), {
      code: 'INVALID_ARGUMENT',
      message: "label: 'cow' is none of cat, dog",
    });
  });

  test('lie on a walk from one to the other', async () => {
    const walk = { seedFrom: 1, seedTo: 2, steps: 20, label: 'cat', format: 'raw' } as const;
    const images = await all(client.generator.interpolate(walk, options));
    assert.deepEqual([images.length, images[0]?.seed, images[9]?.seed, images[19]?.seed], [20, 1, 0, 2]);
    const [end] = await all(client.generator.generate({ seed: 2, label: 'cat', format: 'raw' }, options));
    assert.deepEqual(images[19]?.image, end?.image);
  });
});
