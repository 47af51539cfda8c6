import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { connectedComponents } from './connected-components.ts';
import { thinStrokes } from './thin-strokes.ts';

function mask(...rows: string[]): Uint8Array {
  return Uint8Array.from(rows.join(''), (letter) => (letter === '#' ? 1 : 0));
}

function area(pixels: Uint8Array): number {
  return pixels.reduce((sum, value) => sum + value, 0);
}

test('a thick bar becomes a line in its middle', () => {
  const thin = thinStrokes(mask('.........', '.#######.', '.#######.', '.#######.', '.........'), 9, 5);
  const rows = Array.from({ length: 5 }, (_, row) => area(thin.subarray(row * 9, row * 9 + 9)));
  assert.deepEqual([rows[0], rows[1], rows[3], rows[4]], [0, 0, 0, 0]);
  assert.ok((rows[2] as number) >= 4);
});

test('a line of one pixel stays as it is', () => {
  const line = mask('#....', '.#...', '..##.', '....#');
  assert.deepEqual(thinStrokes(line, 5, 4), line);
});

test('diagonals of every width keep their length', () => {
  for (const width of [1, 2, 3, 4, 5, 6]) {
    const diagonal = Uint8Array.from({ length: 40 * 40 }, (_, at) => {
      const [x, y] = [at % 40, Math.floor(at / 40)];
      return x - y >= 0 && x - y < width && y >= 5 && y < 35 ? 1 : 0;
    });
    const rows = connectedComponents(thinStrokes(diagonal, 40, 40), 40, 40);
    assert.equal(rows.length, 1, `${width} wide`);
    assert.ok((rows[0]?.spans.length ?? 0) >= 24, `${width} wide: ${rows[0]?.spans.length} rows left`);
  }
});

test('thinning takes pixels away only, breaks nothing, loses nothing, and has then done all it can', () => {
  const box = fc.tuple(fc.nat(20), fc.nat(20), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.array(box, { maxLength: 8 }), (boxes) => {
      const inside = (x: number, y: number): boolean =>
        boxes.some(([left, top, w, h]) => x >= left && x < left + w && y >= top && y < top + h);
      const given = Uint8Array.from({ length: 30 * 30 }, (_, at) => (inside(at % 30, Math.floor(at / 30)) ? 1 : 0));
      const thin = thinStrokes(given, 30, 30);
      assert.ok(thin.every((value, at) => value <= (given[at] as number)));
      assert.equal(connectedComponents(thin, 30, 30).length, connectedComponents(given, 30, 30).length);
      assert.deepEqual(thinStrokes(thin, 30, 30), thin);
    }),
  );
});
