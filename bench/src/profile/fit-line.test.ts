import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { enoughRows, fitLine, gainOver } from './fit-line.ts';

const sizes = [1, 2, 4, 8, 16, 32];
const on = (startMs: number, perRowMs: number) => sizes.map((rows) => ({ rows, ms: startMs + perRowMs * rows }));

test('times on a line give that line', () => {
  const positive = fc.double({ min: 0.01, max: 100, noNaN: true });
  fc.assert(
    fc.property(positive, positive, (startMs, perRowMs) => {
      const line = fitLine(on(startMs, perRowMs));
      assert.ok(line !== undefined);
      assert.ok(Math.abs(line.startMs - startMs) < 1e-6 * (startMs + perRowMs));
      assert.ok(Math.abs(line.perRowMs - perRowMs) < 1e-6 * (startMs + perRowMs));
    }),
  );
});

test('an error of the largest batch does not outweigh the smallest ones', () => {
  const times = [...on(10, 1).slice(0, -1), { rows: 32, ms: 63 }];
  const line = fitLine(times);
  assert.ok(line !== undefined && line.startMs > 8 && line.startMs < 10, JSON.stringify(line));
});

test('one size has no line', () => {
  assert.equal(fitLine([{ rows: 1, ms: 3 }]), undefined);
});

test('a batch that takes as long as its rows one by one gains nothing', () => {
  assert.equal(gainOver({ rows: 1, ms: 5 }, { rows: 8, ms: 40 }), 1);
  assert.equal(gainOver({ rows: 1, ms: 5 }, { rows: 8, ms: 10 }), 4);
});

test('enough is the smallest size within a twentieth of the most rows a second', () => {
  assert.equal(enoughRows(on(0, 5)), 1);
  assert.equal(enoughRows(on(10, 1)), 32);
  assert.equal(
    enoughRows([
      { rows: 1, ms: 10 },
      { rows: 2, ms: 11 },
      { rows: 4, ms: 21.5 },
      { rows: 8, ms: 60 },
    ]),
    2,
  );
});
