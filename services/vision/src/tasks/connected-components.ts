// Groups the set pixels of a mask into components: pixels that touch, also by a corner, belong together. A component is
// kept as its leftmost and rightmost pixel of each row: all that a convex hull needs.

export interface Component {
  readonly area: number;
  /** Its first row. */
  readonly top: number;
  /** One for each of its rows, from the top: first and last pixel. */
  readonly spans: readonly { readonly left: number; readonly right: number }[];
}

/** The components of a row-major mask in which whatever is not 0 is set, in the order of their first pixel. */
export function connectedComponents(mask: Uint8Array, width: number, height: number): Component[] {
  const components: Component[] = [];
  const left = Uint8Array.from(mask); // what no component has taken yet
  const stack: number[] = [];
  for (let start = 0; start < left.length; start++) {
    if (left[start] === 0) continue;
    const spans = new Map<number, { left: number; right: number }>();
    let area = 0;
    left[start] = 0;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % width;
      const y = (at - x) / width;
      area++;
      const span = spans.get(y);
      if (span === undefined) spans.set(y, { left: x, right: x });
      else if (x < span.left) span.left = x;
      else if (x > span.right) span.right = x;
      for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++) {
        for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++) {
          const neighbour = row * width + column;
          if (left[neighbour] === 0) continue;
          left[neighbour] = 0;
          stack.push(neighbour);
        }
      }
    }
    // A component has no gap between its rows and begins in the row where it was met first.
    const rows = [...spans].sort(([a], [b]) => a - b);
    components.push({ area, top: rows[0]?.[0] as number, spans: rows.map(([, span]) => span) });
  }
  return components;
}
