// How an image is cut into windows that overlap, and which part of the result each of them makes. A network sees a window's border as
// the end of the picture, so what it makes near there is wrong: the windows overlap, and each makes the part that lies in its
// middle. Between two windows lies a seam in the middle of what they share; on both sides of it they are mixed, so that no line
// shows where the overlap is narrower than what the network sees.
//
// All windows of an image are of one size, so that they can share runs. Rows and columns are planned alike, each by itself.
import type { ImageSize } from '@weft/image';

export interface TileShape {
  /** Pixels of a window's longest side, before the network. */
  readonly side: number;
  /** Pixels that neighbours share at least; no more than half a side. */
  readonly overlap: number;
}

/** Along one side of the image, in its pixels. */
export interface Span {
  /** Where its window begins. */
  readonly start: number;
  /** What it makes: from here … */
  readonly from: number;
  /** … to here, exclusive. */
  readonly to: number;
  /** The first so many pixels of that are mixed with what the span before it makes there; 0 for the first. */
  readonly mixed: number;
  /** So many pixels behind `to` it makes for the next span to mix; 0 for the last. */
  readonly lent: number;
}

export interface TilePlan {
  readonly image: ImageSize;
  readonly window: ImageSize;
  readonly columns: readonly Span[];
  readonly rows: readonly Span[];
}

export function planTiles(image: ImageSize, shape: TileShape): TilePlan {
  const across = planSpans(image.width, shape);
  const down = planSpans(image.height, shape);
  return {
    image: { width: image.width, height: image.height },
    window: { width: across.window, height: down.window },
    columns: across.spans,
    rows: down.spans,
  };
}

/** Windows' sides are multiples of this where there is a choice: images of nearly one size then share runs. */
const grain = 8;

function planSpans(length: number, { side, overlap }: TileShape): { readonly window: number; readonly spans: Span[] } {
  if (length <= side) return { window: length, spans: [{ start: 0, from: 0, to: length, mixed: 0, lent: 0 }] };
  const count = Math.ceil((length - overlap) / (side - overlap));
  const least = Math.ceil((length + (count - 1) * overlap) / count);
  const window = Math.min(side, Math.ceil(least / grain) * grain);
  const starts = Array.from({ length: count }, (_, index) => Math.floor((index * (length - window)) / (count - 1)));
  // Half of what is mixed lies on each side of the seam. Most of the overlap is left for what the network sees.
  const mix = Math.floor(overlap / 8);
  const borders = starts
    .slice(1)
    .map((start, index) => Math.floor((start + (starts[index] as number) + window) / 2) - mix);
  const spans = starts.map((start, index) => ({
    start,
    from: borders[index - 1] ?? 0,
    to: borders[index] ?? length,
    mixed: index === 0 ? 0 : 2 * mix,
    lent: index === count - 1 ? 0 : 2 * mix,
  }));
  return { window, spans };
}
