// A piece of text is read in each of the ways in which it may run. What can be read best counts, but a page has one
// direction: a "1" lying on its side also reads as a dash, so what runs with the page has a start.
import type { Point, Quad } from '@weft/image';
import { turnedQuad } from './text-quads.ts';

/** One way of reading a piece. */
export interface Reading {
  /** Which piece of the page; several readings may be of one. */
  readonly piece: number;
  readonly quad: Quad;
  readonly text: string;
  readonly score: number;
}

const startOfAligned = 0.1;

/** The best reading of each piece, in the order of the pieces; none of those under `minScore`. */
export function chooseReadings(readings: readonly Reading[], direction: Point, minScore: number): Reading[] {
  const worth = ({ quad, score }: Reading): number => score + (isAlong(quad, direction) ? startOfAligned : 0);
  const best = new Map<number, Reading>();
  for (const reading of readings) {
    const other = best.get(reading.piece);
    if (reading.score >= minScore && (other === undefined || worth(reading) > worth(other)))
      best.set(reading.piece, reading);
  }
  return [...best.values()].sort((a, b) => a.piece - b.piece);
}

/** Pieces, none of whose readings runs with the page, as quads that do. */
export function readingsToAdd(readings: readonly Reading[], direction: Point): { piece: number; quad: Quad }[] {
  const aligned = new Set(readings.filter(({ quad }) => isAlong(quad, direction)).map(({ piece }) => piece));
  const missing = new Map(readings.filter(({ piece }) => !aligned.has(piece)).map(({ piece, quad }) => [piece, quad]));
  return [...missing].map(([piece, quad]) => {
    const turned = [1, 2, 3].map((quarters) => turnedQuad(quad, quarters)).find((each) => isAlong(each, direction));
    return { piece, quad: turned ?? quad };
  });
}

/** Whether the text runs within 45° of the direction. */
function isAlong([from, to]: Quad, direction: Point): boolean {
  const [x, y] = [to.x - from.x, to.y - from.y];
  return x * direction.x + y * direction.y >= Math.hypot(x, y) * (Math.SQRT1_2 - 1e-9);
}
