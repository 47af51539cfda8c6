// The tiles of an enlarged image put together, and written in the format that the file's ending asks for. The result is held whole, three
// bytes for each of its pixels: only the mesh gets by without that.
import type { ImageFormat, RawPixels, UpscaleTile } from '@weft/client';
import { WeftError } from '@weft/errors';
import type { RgbImage } from '@weft/image';

export interface Joined {
  readonly model: string;
  readonly modelVersion: string;
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  readonly image: Buffer;
}

export interface JoinOptions {
  readonly format: Exclude<ImageFormat, 'raw'>;
  /** Hears of each tile how much there is with it, 0..1. */
  readonly onProgress: (progress: number) => void;
}

/** The longest side that the format has, in pixels. */
const longestSides = { png: 2 ** 31 - 1, jpeg: 65_535, webp: 16_383 };
const formats = { png: 'IMAGE_FORMAT_PNG', jpeg: 'IMAGE_FORMAT_JPEG', webp: 'IMAGE_FORMAT_WEBP' } as const;

export async function joinTiles(
  tiles: AsyncIterable<UpscaleTile<RawPixels>>,
  { format, onProgress }: JoinOptions,
): Promise<Joined> {
  // Loaded here, so that help and wrong usage do not wait for the codecs.
  const { blankImage, encodeImage, pasteImage, rgbImage } = await import('@weft/image');
  let joined: { readonly image: RgbImage; readonly first: UpscaleTile<RawPixels> } | undefined;
  for await (const tile of tiles) {
    joined ??= { image: blankImage(...sizeIn(format, tile), [0, 0, 0]), first: tile };
    const { width, height, pixels } = tile.image;
    pasteImage(joined.image, rgbImage(width, height, pixels), tile);
    onProgress(tile.progress);
  }
  if (joined === undefined) throw new WeftError('DATA_LOSS', 'the answer holds no tile');
  const { model, modelVersion, scale, width, height } = joined.first;
  const { encoded } = await encodeImage(joined.image, formats[format]);
  return { model, modelVersion, scale, width, height, image: encoded as Buffer };
}

/** Throws FAILED_PRECONDITION where the format has no such size: at the first tile, not after the last. */
function sizeIn(
  format: JoinOptions['format'],
  { width, height }: { readonly width: number; readonly height: number },
): [number, number] {
  if (Math.max(width, height) <= longestSides[format]) return [width, height];
  throw new WeftError(
    'FAILED_PRECONDITION',
    `the result has ${width}×${height} pixels, and ${format} no more than ${longestSides[format]} a side: write a .png`,
  );
}
