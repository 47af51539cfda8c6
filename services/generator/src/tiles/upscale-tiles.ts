// An image enlarged tile by tile: the network only ever sees a few windows of it, and each piece of the result is handed on before
// the next one is made. So memory does not grow with the result.
import { cropImage, type ImageSize, type RgbImage } from '@weft/image';
import { type Piece, TileJoiner } from './tile-joiner.ts';
import type { Span, TilePlan } from './tile-plan.ts';

export interface Enlarged extends Piece {
  readonly scale: number;
  /** Of the whole result. */
  readonly width: number;
  readonly height: number;
  /** The share of all pieces that are there with this one; 1 with the last. */
  readonly progress: number;
}

export interface TileOptions {
  /** Pixels of the windows that are asked for at once; at least one window is. */
  readonly maxRunPixels: number;
  /** Makes the windows larger, each by the same whole number. */
  readonly enlarge: (windows: readonly RgbImage[]) => Promise<readonly RgbImage[]>;
}

/** Pieces of the result, row by row from the left. Every pixel is in one of them. */
export async function* upscaleTiles(
  image: RgbImage,
  plan: TilePlan,
  { maxRunPixels, enlarge }: TileOptions,
): AsyncGenerator<Enlarged, void, undefined> {
  const windows = plan.rows.flatMap((row) => plan.columns.map((column) => ({ row, column })));
  const together = Math.max(1, Math.floor(maxRunPixels / (plan.window.width * plan.window.height)));
  let joiner: { readonly tiles: TileJoiner; readonly scale: number } | undefined;
  for (let first = 0; first < windows.length; first += together) {
    const cut = windows.slice(first, first + together).map((window) => cutWindow(image, plan, window));
    const made = await enlarge(cut);
    for (const [index, piece] of made.entries()) {
      const scale = joiner?.scale ?? scaleOf(plan.window, piece);
      joiner ??= { tiles: new TileJoiner(plan, scale), scale };
      yield {
        ...joiner.tiles.add(piece),
        scale,
        width: image.width * scale,
        height: image.height * scale,
        progress: (first + index + 1) / windows.length,
      };
    }
  }
}

function cutWindow(
  image: RgbImage,
  { window }: TilePlan,
  { row, column }: { readonly row: Span; readonly column: Span },
): RgbImage {
  return cropImage(image, { x: column.start, y: row.start, ...window });
}

/** How many times wider and higher the result is. */
function scaleOf(from: ImageSize, to: ImageSize): number {
  const scale = to.width / from.width;
  if (Number.isInteger(scale) && to.height === from.height * scale) return scale;
  throw new Error(`the model made ${to.width}×${to.height} of ${from.width}×${from.height}, which is no upscaling`);
}
