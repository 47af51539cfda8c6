// The pages of an animation, each as an image of its own. They are decoded some at a time, because a page is what changed since the
// one before it, and all of them at once may be any amount of memory.
import { WeftError } from '@weft/errors';
import sharp from 'sharp';

/** Shorter delays are shown as this one, as browsers do. */
const leastDelayMs = { taken: 11, shown: 100 } as const;

export interface ImagePage {
  /** An image file: the one that was given, where it has one page. */
  readonly bytes: Buffer;
  /** From the beginning of the animation; undefined where the pages have no times. */
  readonly timeMs: number | undefined;
}

/** What is no image, or none that can be read, is one page. Throws INVALID_ARGUMENT where the pages end in the middle. */
export async function* imagePages(
  bytes: Buffer,
  maxDecodedBytes = 64 * 1024 * 1024,
): AsyncGenerator<ImagePage, void, undefined> {
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  const { pages: count = 1, width = 1, delay } = header ?? {};
  const height = header?.pageHeight ?? header?.height ?? 1;
  if (count === 1) {
    yield { bytes, timeMs: undefined };
    return;
  }
  const together = Math.max(1, Math.floor(maxDecodedBytes / (width * height * 4)));
  let timeMs = 0;
  for (let page = 0; page < count; page += together) {
    const pages = Math.min(together, count - page);
    for (const [index, png] of (await decoded(bytes, { page, pages })).entries()) {
      yield { bytes: await png(), timeMs: delay === undefined ? undefined : timeMs };
      const delayMs = delay?.[page + index] ?? 0;
      timeMs += delayMs < leastDelayMs.taken ? leastDelayMs.shown : delayMs;
    }
  }
}

async function decoded(
  bytes: Buffer,
  part: { readonly page: number; readonly pages: number },
): Promise<(() => Promise<Buffer>)[]> {
  const { data: pixels, info } = await sharp(bytes, { ...part, failOn: 'error', limitInputPixels: false })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new WeftError('INVALID_ARGUMENT', `page ${part.page + 1} of the image is truncated or damaged`, { cause });
    });
  const { width, channels } = info;
  const height = info.pageHeight ?? info.height / part.pages;
  const pageBytes = width * height * channels;
  return Array.from({ length: part.pages }, (_, index) => () => {
    const page = pixels.subarray(index * pageBytes, (index + 1) * pageBytes);
    return sharp(page, { raw: { width, height, channels } }).png({ compressionLevel: 1 }).toBuffer();
  });
}
