// Draws symbols as a hand would: strokes through points of a 100 × 100 square.
import sharp from 'sharp';

export type Stroke = readonly (readonly [x: number, y: number])[];

export interface Pen {
  readonly size: number;
  readonly width: number;
  readonly ink: string;
  readonly paper: string;
}

/** A JPEG of the strokes in the middle of a square of `pen.size`. */
export function drawSymbol(strokes: readonly Stroke[], pen: Pen): Promise<Buffer> {
  const place = (value: number): number => pen.size * (0.15 + (0.7 * value) / 100);
  const path = strokes.map((stroke) => `M${stroke.map(([x, y]) => `${place(x)},${place(y)}`).join('L')}`).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${pen.size}" height="${pen.size}">
    <rect width="100%" height="100%" fill="${pen.paper}"/>
    <path d="${path}" fill="none" stroke="${pen.ink}" stroke-width="${pen.width}"/></svg>`;
  return sharp(Buffer.from(svg)).jpeg().toBuffer();
}
