import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WeftError, invalidArgument } from '@weft/errors';
import { blankImage, encodeImage, pasteImage, type RgbImage, rgbImage } from '@weft/image';
import type { RawImage } from '@weft/rpc/messages/weft/vision/v1/RawImage';
import type { UpscaleResponse } from '@weft/rpc/messages/weft/generator/v1/UpscaleResponse';
import type { UpscaleTile } from '@weft/rpc/messages/weft/generator/v1/UpscaleTile';
import type { Task } from '@weft/runtime';
import { askStream, streamContext } from '../testing/ask-stream.ts';
import { doubling, openDoubling } from '../testing/doubling-model.ts';

const small = { tile_side: '16', tile_overlap: '8', max_run_pixels: '1' };

function pattern(width: number, height: number): RgbImage {
  return rgbImage(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 37) % 251),
  );
}

async function requestOf(image: RgbImage): Promise<{ image: unknown; format: string }> {
  return { image: await encodeImage(image, 'IMAGE_FORMAT_RAW'), format: 'IMAGE_FORMAT_RAW' };
}

function tilesOf(task: Task, request: object, signal?: AbortSignal): AsyncIterable<UpscaleTile> {
  return askStream<UpscaleTile>(task, 'UpscaleStream', { request, context: streamContext(signal) });
}

async function all(tiles: AsyncIterable<UpscaleTile>): Promise<UpscaleTile[]> {
  const list: UpscaleTile[] = [];
  for await (const tile of tiles) list.push(tile);
  return list;
}

function rawOf({ image }: { readonly image?: unknown }): RgbImage {
  const { width, height, pixels } = (image as { raw: RawImage }).raw;
  return rgbImage(width as number, height as number, pixels as Uint8Array);
}

test('Upscale and the joined tiles of UpscaleStream are the same image', async () => {
  const task = await openDoubling(doubling().model, small);
  const request = await requestOf(pattern(31, 29));
  const tiles = await all(tilesOf(task, request));
  const joined = blankImage(62, 58, [0, 0, 0]);
  for (const tile of tiles) pasteImage(joined, rawOf(tile), { x: tile.x as number, y: tile.y as number });
  const [outcome] = ((await task.methods[0]?.infer([request], [streamContext()])) ?? []) as [UpscaleResponse];
  assert.deepEqual(rawOf(outcome), joined);
  assert.equal(outcome.scale, 2);
  assert.ok(tiles.length > 1);
  for (const { width, height, scale } of tiles) assert.deepEqual([width, height, scale], [62, 58, 2]);
});

test('a stream takes an image that is larger than the limit of the model, up to the general one', async () => {
  const task = await openDoubling(doubling().model, { ...small, max_input_pixels: '256' });
  const tiles = await all(tilesOf(task, await requestOf(pattern(40, 25))));
  assert.equal(tiles.at(-1)?.progress, 1);
  await assert.rejects(all(tilesOf(task, await requestOf(pattern(41, 25)))), {
    code: 'INVALID_ARGUMENT',
    message: 'image.raw: 41×25 is 1025 pixels, over the limit of 1000',
  });
});

test('nothing is fed to the network that is larger than a tile', async () => {
  const { model, fed, runs } = doubling();
  const task = await openDoubling(model, small);
  const request = await requestOf(pattern(60, 16));
  await all(tilesOf(task, request));
  assert.ok(fed.length / runs.length <= 16 * 16 * 3);
});

test('tiles come in the format that was asked for', async () => {
  const task = await openDoubling(doubling().model, small);
  const { image } = await requestOf(pattern(30, 10));
  for (const [format, start] of [
    ['IMAGE_FORMAT_JPEG', 'ffd8ff'],
    ['IMAGE_FORMAT_UNSPECIFIED', '89504e47'],
  ] as const) {
    for (const tile of await all(tilesOf(task, { image, format }))) {
      const { encoded } = tile.image as { encoded: Buffer };
      assert.ok(encoded.toString('hex').startsWith(start));
    }
  }
  await assert.rejects(all(tilesOf(task, { image, format: 9 })), { code: 'INVALID_ARGUMENT' });
});

test('tiles of several streams share runs where the device gains by that', async () => {
  const { model, runs } = doubling();
  const accelerated = { ...model, placement: { provider: 'cuda', fallbackReason: '' } };
  const task = await openDoubling(accelerated, { ...small, max_run_pixels: String(16 * 16 * 2) });
  const request = await requestOf(pattern(16, 16));
  await Promise.all([all(tilesOf(task, request)), all(tilesOf(task, request))]);
  assert.deepEqual(runs, [2]);
});

test('a stream with few tiles does not wait for one with many', async () => {
  const task = await openDoubling(doubling().model, small);
  const many = tilesOf(task, await requestOf(pattern(100, 10)));
  const few = tilesOf(task, await requestOf(pattern(24, 10)));
  const ended: string[] = [];
  await Promise.all([all(many).then(() => ended.push('many')), all(few).then(() => ended.push('few'))]);
  assert.deepEqual(ended, ['few', 'many']);
});

test('a stream that nobody reads any more costs no further run', async () => {
  const { model, runs } = doubling();
  const task = await openDoubling(model, small);
  const leaving = new AbortController();
  const tiles = tilesOf(task, await requestOf(pattern(100, 10)), leaving.signal)[Symbol.asyncIterator]();
  await tiles.next();
  leaving.abort(invalidArgument('the client has gone'));
  await assert.rejects(tiles.next(), (thrown: WeftError) => thrown.message === 'the client has gone');
  assert.equal(runs.length, 1);
});
