// Draws thinned strokes again with a pen of one width, scaled to fill a square: as the symbols were drawn from which the
// model learned. The same symbol with a thin or a thick pen is another one to it otherwise.

export interface Canvas {
  /** Pixels of each side. */
  readonly size: number;
  /** Pixels that stay free on each side of the pen's way. */
  readonly margin: number;
  readonly penWidth: number;
}

/** The strokes, white (1) on black (0), softened at their edges by half a pixel: size × size, row-major. */
export function drawStrokes(thin: Uint8Array, width: number, canvas: Canvas): Float32Array {
  const points = pointsOf(thin, width);
  const drawn = new Float32Array(canvas.size * canvas.size);
  const [left, right] = extent(points.map(({ x }) => x));
  const [top, bottom] = extent(points.map(({ y }) => y));
  const length = Math.max(right - left, bottom - top);
  const scale = length === 0 ? 1 : (canvas.size - 2 * canvas.margin) / length;
  const place = ({ x, y }: Point): Point => ({
    x: (x - (left + right) / 2) * scale + canvas.size / 2,
    y: (y - (top + bottom) / 2) * scale + canvas.size / 2,
  });
  for (const point of points) {
    const from = place(point);
    drawSegment(drawn, canvas, { from, to: from });
    for (const [dx, dy] of ahead) {
      const next = { x: point.x + dx, y: point.y + dy };
      const inRow = next.x >= 0 && next.x < width;
      if (inRow && thin[next.y * width + next.x] === 1) drawSegment(drawn, canvas, { from, to: place(next) });
    }
  }
  return drawn;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Half of the eight neighbours: the other half draws the same segments. */
const ahead = [
  [1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
] as const;

function pointsOf(thin: Uint8Array, width: number): Point[] {
  const points: Point[] = [];
  for (const [at, set] of thin.entries()) if (set === 1) points.push({ x: at % width, y: Math.floor(at / width) });
  return points;
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
}

function drawSegment(drawn: Float32Array, { size, penWidth }: Canvas, { from, to }: { from: Point; to: Point }): void {
  const reach = penWidth / 2 + 1;
  const within = (value: number): number => Math.min(Math.max(value, 0), size - 1);
  const [x0, x1] = [
    within(Math.floor(Math.min(from.x, to.x) - reach)),
    within(Math.ceil(Math.max(from.x, to.x) + reach)),
  ];
  const [y0, y1] = [
    within(Math.floor(Math.min(from.y, to.y) - reach)),
    within(Math.ceil(Math.max(from.y, to.y) + reach)),
  ];
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const covered = Math.min(Math.max(penWidth / 2 + 0.5 - distance({ x: x + 0.5, y: y + 0.5 }, from, to), 0), 1);
      const at = y * size + x;
      if (covered > (drawn[at] as number)) drawn[at] = covered;
    }
  }
}

function distance(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy;
  const along =
    squared === 0 ? 0 : Math.min(Math.max(((point.x - from.x) * dx + (point.y - from.y) * dy) / squared, 0), 1);
  return Math.hypot(point.x - from.x - along * dx, point.y - from.y - along * dy);
}
