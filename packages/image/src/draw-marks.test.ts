import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEncodedImage } from './decode-image.ts';
import { drawMarks } from './draw-marks.ts';
import { encodeImage } from './encode-image.ts';
import { blankImage } from './rgb-image.ts';

const limits = { maxImagePixels: 1_000_000 };

test('the text of a mark at the right edge is within the image', async () => {
  const { encoded } = await encodeImage(blankImage(640, 480, [0, 0, 0]), 'IMAGE_FORMAT_PNG');
  const box = { x: 600, y: 240, width: 40, height: 10 };
  const drawnUpTo = async (text: string): Promise<number> => {
    const drawn = await drawMarks(encoded as Buffer, [{ box, points: [], text, colour: 0 }]);
    const { pixels } = await decodeEncodedImage(drawn, 'image', limits);
    // Of the part above the box.
    const bright = [...pixels.subarray(0, 640 * 236 * 3)].flatMap((value, at) => (value > 90 ? [(at / 3) % 640] : []));
    return Math.floor(Math.max(0, ...bright));
  };
  // Without a font nothing is drawn, and nothing is cut off.
  assert.ok((await drawnUpTo('motorcycle 12 87%')) < 636);
});

test('a mark is drawn where its box is, in the colour of its number, whatever its text holds', async () => {
  const { encoded } = await encodeImage(blankImage(640, 480, [0, 0, 0]), 'IMAGE_FORMAT_PNG');
  const box = { x: 160, y: 240, width: 320, height: 160 };
  const marks = [{ box, points: [{ x: 320, y: 320 }], text: '<b> & "c"', colour: 0 }];
  const drawn = await drawMarks(encoded as Buffer, marks);
  const { width, height, pixels } = await decodeEncodedImage(drawn, 'image', limits);
  assert.deepEqual([width, height], [640, 480]);
  const redAt = (x: number, y: number): number => pixels[(y * width + x) * 3] as number;
  for (const [x, y] of [
    [240, 240],
    [160, 320],
    [480, 320],
    [320, 400],
    [320, 320],
  ] as const)
    assert.ok(redAt(x, y) > 90, `${x},${y}: ${redAt(x, y)}`);
  for (const [x, y] of [
    [400, 320],
    [560, 320],
    [40, 440],
  ] as const)
    assert.ok(redAt(x, y) < 40, `${x},${y}: ${redAt(x, y)}`);
});
