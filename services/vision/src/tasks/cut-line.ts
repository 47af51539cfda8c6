// Cuts a line out of the image in the size that the recognition reads. It must stay sharp: a letter is some ten pixels
// wide, and every resampling more, or a softer one, costs spaces and digits. So level lines are cut at whole pixels and
// resampled once, slanted ones are flattened straight to the size wanted when that is not smaller.
import { cropImage, type Quad, resizeImage, type RgbImage, unwarpImage } from '@weft/image';
import { quadSize } from './text-quads.ts';

export const lineHeight = 48;
/** Width over the width that the proportions ask for. A little narrower, rendered text is read with fewer mistakes. */
export type Squeeze = 0.9 | 1;

export async function cutLine(image: RgbImage, quad: Quad, squeeze: Squeeze = 0.9): Promise<RgbImage> {
  const size = quadSize(quad);
  const target = {
    width: Math.max(1, Math.round((size.width * lineHeight * squeeze) / size.height)),
    height: lineHeight,
  };
  if (isLevel(quad)) return resizeImage(cropLevel(image, quad), target, 'cubic');
  if (size.height <= lineHeight) return unwarpImage(image, quad, target);
  return resizeImage(unwarpImage(image, quad, size), target, 'cubic');
}

/** Whether the text runs to the right and no corner is more than half a pixel off. */
function isLevel([topLeft, topRight, bottomRight, bottomLeft]: Quad): boolean {
  const same = (a: number, b: number): boolean => Math.abs(a - b) <= 0.5;
  return (
    topLeft.x < topRight.x &&
    topLeft.y < bottomLeft.y &&
    same(topLeft.y, topRight.y) &&
    same(bottomLeft.y, bottomRight.y) &&
    same(topLeft.x, bottomLeft.x) &&
    same(topRight.x, bottomRight.x)
  );
}

function cropLevel(image: RgbImage, [topLeft, , bottomRight]: Quad): RgbImage {
  const within = (value: number, from: number, to: number): number => Math.min(Math.max(Math.round(value), from), to);
  const x = within(topLeft.x, 0, image.width - 1);
  const y = within(topLeft.y, 0, image.height - 1);
  const width = within(bottomRight.x, x + 1, image.width) - x;
  const height = within(bottomRight.y, y + 1, image.height) - y;
  return cropImage(image, { x, y, width, height });
}
