// Puts together what a network has made of a plan's windows, row by row from the left: each window gives one final piece of the
// result. What a window lends to the windows right of it and below is kept until they come: strips as long as one row of windows.
import { cropImage, type ImagePart, type RgbImage } from '@weft/image';
import type { Span, TilePlan } from './tile-plan.ts';

export interface Piece {
  /** Of its left top corner, in the result. */
  readonly x: number;
  readonly y: number;
  readonly image: RgbImage;
}

export class TileJoiner {
  readonly #plan: TilePlan;
  readonly #scale: number;
  #next = 0;
  #left: RgbImage | undefined;
  /** One for each column. */
  readonly #above: (RgbImage | undefined)[] = [];

  /** `scale`: how many times larger the result is than the image. */
  constructor(plan: TilePlan, scale: number) {
    this.#plan = plan;
    this.#scale = scale;
  }

  /** What the network made of the next window; a window's width and height times the scale. */
  add(made: RgbImage): Piece {
    const { columns, rows } = this.#plan;
    const column = this.#next % columns.length;
    const [across, down] = [columns[column], rows[Math.floor(this.#next / columns.length)]];
    if (across === undefined || down === undefined) throw new RangeError('there are more windows than planned');
    this.#next++;
    const used = cropImage(made, this.#part(madeBy(across), madeBy(down)));
    const left = this.#left;
    if (left !== undefined) mixInto(used, left, (x) => (x + 0.5) / left.width);
    const height = down.to - down.from + down.lent;
    this.#left = this.#crop(used, { at: across.to - across.from, length: across.lent }, { at: 0, length: height });
    const own = { at: 0, length: across.to - across.from };
    const above = this.#above[column];
    if (above !== undefined) mixInto(used, above, (_, y) => (y + 0.5) / above.height);
    this.#above[column] = this.#crop(used, own, { at: down.to - down.from, length: down.lent });
    const image = this.#crop(used, own, { at: 0, length: down.to - down.from }) as RgbImage;
    return { x: across.from * this.#scale, y: down.from * this.#scale, image };
  }

  #crop(image: RgbImage, across: Stretch, down: Stretch): RgbImage | undefined {
    return across.length === 0 || down.length === 0 ? undefined : cropImage(image, this.#part(across, down));
  }

  #part(across: Stretch, down: Stretch): ImagePart {
    const scale = this.#scale;
    return { x: across.at * scale, y: down.at * scale, width: across.length * scale, height: down.length * scale };
  }
}

interface Stretch {
  readonly at: number;
  readonly length: number;
}

/** Inside its window. */
function madeBy({ start, from, to, lent }: Span): Stretch {
  return { at: from - start, length: to - from + lent };
}

/** In the corner that `before` covers the image goes over to its own colours: `share` says how much of them each pixel keeps. */
function mixInto(image: RgbImage, before: RgbImage, share: (x: number, y: number) => number): void {
  for (let y = 0; y < before.height; y++) {
    let own = y * image.width * 3;
    let other = y * before.width * 3;
    for (let x = 0; x < before.width; x++) {
      const kept = share(x, y);
      for (let channel = 0; channel < 3; channel++, own++, other++) {
        const mixed = (image.pixels[own] as number) * kept + (before.pixels[other] as number) * (1 - kept);
        image.pixels[own] = Math.round(mixed);
      }
    }
  }
}
