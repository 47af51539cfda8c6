import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankImage, type ImageSize, pasteImage, type RgbImage, rgbImage } from '@weft/image';
import fc from 'fast-check';
import { planTiles } from './tile-plan.ts';
import { type Enlarged, upscaleTiles } from './upscale-tiles.ts';

/** Doubles an image whose pixels are the means of their surroundings, and black lies around it: as a network with padding does. */
function blurred(image: RgbImage, reach: number): RgbImage {
  const { width, height } = image;
  const result = new Uint8Array(width * height * 12);
  for (let at = 0; at < result.length; at++) {
    const [x, y] = [Math.floor(((at / 3) % (width * 2)) / 2), Math.floor(at / (width * 12))];
    let sum = 0;
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++)
        if (x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height)
          sum += image.pixels[((y + dy) * width + x + dx) * 3 + (at % 3)] as number;
    result[at] = Math.round(sum / (2 * reach + 1) ** 2);
  }
  return rgbImage(width * 2, height * 2, result);
}

function noise({ width, height }: ImageSize, seed: number): RgbImage {
  let state = seed;
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >>> 24;
  });
  return rgbImage(width, height, pixels);
}

interface Run {
  readonly pieces: readonly Enlarged[];
  readonly joined: RgbImage;
  readonly runs: readonly number[];
}

async function upscaled(
  image: RgbImage,
  shape: { readonly side: number; readonly overlap: number; readonly reach: number },
  maxRunPixels = 0,
): Promise<Run> {
  const pieces: Enlarged[] = [];
  const runs: number[] = [];
  const joined = blankImage(image.width * 2, image.height * 2, [0, 0, 0]);
  const enlarge = async (windows: readonly RgbImage[]): Promise<RgbImage[]> => {
    runs.push(windows.length);
    return windows.map((window) => blurred(window, shape.reach));
  };
  for await (const piece of upscaleTiles(image, planTiles(image, shape), { maxRunPixels, enlarge })) {
    pasteImage(joined, piece.image, piece);
    pieces.push(piece);
  }
  return { pieces, joined, runs };
}

test('where the overlap is wide enough the joined pieces equal the whole, to the last pixel', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ width: fc.integer({ min: 1, max: 70 }), height: fc.integer({ min: 1, max: 70 }) }),
      fc.integer({ min: 17, max: 40 }),
      fc.integer(),
      async (size, side, seed) => {
        const image = noise(size, seed);
        const { joined, pieces } = await upscaled(image, { side, overlap: 8, reach: 2 });
        assert.deepEqual(joined.pixels, blurred(image, 2).pixels);
        const area = pieces.reduce((sum, piece) => sum + piece.image.width * piece.image.height, 0);
        assert.equal(area, size.width * size.height * 4);
      },
    ),
    { numRuns: 25 },
  );
});

test('where windows disagree the result goes over from one to the next, in both directions', async () => {
  const image = blankImage(100, 100, [0, 0, 0]);
  const plan = planTiles(image, { side: 64, overlap: 16 });
  const joined = blankImage(200, 200, [0, 0, 0]);
  let shade = 0;
  const enlarge = async ([window]: readonly RgbImage[]): Promise<RgbImage[]> => {
    shade += 40;
    const { width, height } = window as RgbImage;
    return [blankImage(width * 2, height * 2, [shade, shade, shade])];
  };
  for await (const piece of upscaleTiles(image, plan, { maxRunPixels: 0, enlarge }))
    pasteImage(joined, piece.image, piece);
  const shadeAt = (x: number, y: number): number => joined.pixels[(y * 200 + x) * 3] as number;
  const line = Array.from({ length: 200 }, (_, at) => at);
  assert.deepEqual([shadeAt(0, 0), shadeAt(199, 0), shadeAt(0, 199), shadeAt(199, 199)], [40, 80, 120, 160]);
  for (const [path, step] of [
    [line.map((x) => shadeAt(x, 10)), 40],
    [line.map((y) => shadeAt(190, y)), 80],
    [line.map((at) => shadeAt(at, at)), 120],
  ] as const) {
    const highest = Math.max(...path.slice(1).map((value, index) => Math.abs(value - (path[index] as number))));
    assert.ok(highest <= step / 8 + 1, `${highest} of ${step}`);
  }
});

test('pieces come row by row, tell the size of the whole, and progress ends with 1', async () => {
  const { pieces } = await upscaled(noise({ width: 50, height: 40 }, 1), { side: 32, overlap: 8, reach: 1 });
  assert.deepEqual(
    pieces.map(({ x, y, width, height, scale, progress }) => [x, y, width, height, scale, progress]),
    [
      [0, 0, 100, 80, 2, 0.25],
      [48, 0, 100, 80, 2, 0.5],
      [0, 38, 100, 80, 2, 0.75],
      [48, 38, 100, 80, 2, 1],
    ],
  );
});

test('so many windows are asked for at once as fit the pixels of a run', async () => {
  const image = noise({ width: 50, height: 40 }, 1);
  const { runs, joined } = await upscaled(image, { side: 32, overlap: 8, reach: 1 }, 32 * 24 * 3);
  assert.deepEqual(runs, [3, 1]);
  assert.deepEqual(joined.pixels, blurred(image, 1).pixels);
});
