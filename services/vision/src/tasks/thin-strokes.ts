// Thins strokes of any width to lines of one pixel without breaking them (Guo and Hall, "Parallel Thinning with
// Two-Subiteration Algorithms", 1989, algorithm A1). The better known one by Zhang and Suen wipes out diagonal strokes
// of even width: arrows lost their heads.

/** A row-major mask of 0 and 1, thinned. Beyond the border of the image there is nothing. */
export function thinStrokes(mask: Uint8Array, width: number, height: number): Uint8Array {
  // An empty frame around it spares every look at a neighbour a question.
  const stride = width + 2;
  const framed = new Uint8Array(stride * (height + 2));
  for (let y = 0; y < height; y++) framed.set(mask.subarray(y * width, (y + 1) * width), (y + 1) * stride + 1);
  // The eight neighbours, clockwise from above.
  const around = [-stride, 1 - stride, 1, stride + 1, stride, stride - 1, -1, -stride - 1];
  let left = pixelsOf(framed);
  for (let removals = 1; removals > 0; ) {
    removals = 0;
    for (const removable of removablePatterns) {
      const removed = left.filter((at) => {
        let pattern = 0;
        for (let bit = 0; bit < 8; bit++) pattern |= (framed[at + (around[bit] as number)] as number) << bit;
        return removable[pattern];
      });
      for (const at of removed) framed[at] = 0;
      if (removed.length > 0) left = left.filter((at) => framed[at] === 1);
      removals += removed.length;
    }
  }
  const thin = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++)
    thin.set(framed.subarray((y + 1) * stride + 1, (y + 1) * stride + 1 + width), y * width);
  return thin;
}

function pixelsOf(mask: Uint8Array): number[] {
  const pixels: number[] = [];
  for (const [at, set] of mask.entries()) if (set === 1) pixels.push(at);
  return pixels;
}

type Neighbours = [n: number, ne: number, e: number, se: number, s: number, sw: number, w: number, nw: number];

/** For each of the two alternating passes: may a pixel go whose neighbours' bits, clockwise from above, are the index? */
const removablePatterns = ([0, 1] as const).map((pass) =>
  Array.from({ length: 256 }, (_, pattern) => isRemovable(pattern, pass)),
);

function isRemovable(pattern: number, pass: 0 | 1): boolean {
  const [n, ne, e, se, s, sw, w, nw] = Array.from({ length: 8 }, (_, bit) => (pattern >> bit) & 1) as Neighbours;
  const groups = ((n ^ 1) & (ne | e)) + ((e ^ 1) & (se | s)) + ((s ^ 1) & (sw | w)) + ((w ^ 1) & (nw | n));
  const pairs = Math.min((nw | n) + (ne | e) + (se | s) + (sw | w), (n | ne) + (e | se) + (s | sw) + (w | nw));
  const held = pass === 0 ? (s | sw | (nw ^ 1)) & w : (n | ne | (se ^ 1)) & e;
  return groups === 1 && pairs >= 2 && pairs <= 3 && held === 0;
}
