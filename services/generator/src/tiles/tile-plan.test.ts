import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planTiles, type Span } from './tile-plan.ts';

const shapes = fc
  .integer({ min: 1, max: 300 })
  .chain((side) => fc.record({ side: fc.constant(side), overlap: fc.integer({ min: 0, max: side >> 1 }) }));
const sizes = fc.record({ width: fc.integer({ min: 1, max: 3000 }), height: fc.integer({ min: 1, max: 3000 }) });

test('every pixel is made once, by a window inside the image that is no longer than a side', () => {
  fc.assert(
    fc.property(sizes, shapes, (image, shape) => {
      const { window, columns, rows } = planTiles(image, shape);
      for (const [length, side, spans] of [
        [image.width, window.width, columns],
        [image.height, window.height, rows],
      ] as const) {
        assert.ok(side <= shape.side);
        let made = 0;
        for (const { start, from, to, lent } of spans) {
          assert.equal(from, made);
          assert.ok(to > from);
          assert.ok(start >= 0 && start + side <= length);
          assert.ok(start <= from && to + lent <= start + side);
          made = to;
        }
        assert.equal(made, length);
      }
    }),
  );
});

test('what a span mixes is what the one before it lends, and lies where both have windows', () => {
  fc.assert(
    fc.property(sizes, shapes, (image, shape) => {
      for (const spans of [planTiles(image, shape).columns, planTiles(image, shape).rows]) {
        const [first, ...others] = spans as [Span, ...Span[]];
        assert.equal(first.mixed, 0);
        assert.equal(spans.at(-1)?.lent, 0);
        for (const [index, span] of others.entries()) {
          assert.equal(span.mixed, spans[index]?.lent);
          assert.ok(span.mixed <= span.to - span.from, 'more is mixed than it makes');
        }
      }
    }),
  );
});

test('whoever makes a pixel sees at least three eighths of the overlap around it, but where the image ends', () => {
  fc.assert(
    fc.property(sizes, shapes, (image, shape) => {
      const { window, columns } = planTiles(image, shape);
      const margin = Math.floor(shape.overlap / 2) - Math.floor(shape.overlap / 8) - 1;
      for (const { start, from, to, lent } of columns) {
        assert.ok(start === 0 || from - start >= margin);
        assert.ok(start + window.width === image.width || start + window.width - to - lent >= margin);
      }
    }),
  );
});

test('an image no longer than a side is one window, and one of 4000×3000 is as few as overlap allows', () => {
  const one = planTiles({ width: 128, height: 9 }, { side: 128, overlap: 40 });
  assert.deepEqual([one.window, one.columns.length, one.rows.length], [{ width: 128, height: 9 }, 1, 1]);
  const large = planTiles({ width: 4000, height: 3000 }, { side: 192, overlap: 40 });
  assert.deepEqual([large.window, large.columns.length, large.rows.length], [{ width: 192, height: 192 }, 27, 20]);
});

test('an image a little longer than a side is cut into windows that are shorter', () => {
  const { window, columns } = planTiles({ width: 200, height: 10 }, { side: 192, overlap: 40 });
  assert.deepEqual([window.width, columns.length], [120, 2]);
});
