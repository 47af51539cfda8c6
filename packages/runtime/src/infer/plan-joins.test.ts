import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float32Tensor, type TensorMap } from '@weft/tensor';
import fc from 'fast-check';
import type { Padding } from './padding.ts';
import { type Piece, planJoins } from './plan-joins.ts';

const unpadded: Padding = { inputs: new Map(), outputs: new Map() };
const padded: Padding = { inputs: new Map([['x', { axes: [1], fill: 0 }]]), outputs: new Map() };

function request(rows: number, length: number, name = 'x'): TensorMap {
  return { [name]: float32Tensor([rows, length], new Float32Array(rows * length)) };
}

const brief = (runs: readonly (readonly Piece[])[]) =>
  runs.map((pieces) => pieces.map(({ request: index, from, rows }) => `${index}:${from}+${rows}`).join(' '));

test('requests of the same inputs and sizes run together, up to the maximum', () => {
  const requests = [request(1, 4), request(2, 4), request(1, 5), request(1, 4, 'y'), request(2, 4), request(1, 5)];
  assert.deepEqual(brief(planJoins(requests, { maxBatchSize: 4, padding: unpadded })), [
    '0:0+1 1:0+2',
    '4:0+2',
    '2:0+1 5:0+1',
    '3:0+1',
  ]);
});

test('a request of more rows than the maximum is cut, and what is left of it rides with others', () => {
  const requests = [request(1, 4), request(9, 4), request(2, 4)];
  assert.deepEqual(brief(planJoins(requests, { maxBatchSize: 4, padding: unpadded })), [
    '1:0+4',
    '1:4+4',
    '0:0+1 1:8+1 2:0+2',
  ]);
});

test('a model that does not batch runs each request alone and whole', () => {
  assert.deepEqual(brief(planJoins([request(9, 4), request(9, 4)], { maxBatchSize: 0, padding: unpadded })), [
    '0:0+9',
    '1:0+9',
  ]);
});

test('lengths that may be padded run together when none is twice as long as another', () => {
  const lengths = [1, 2, 3, 4, 5, 8, 9, 16, 17, 0];
  const requests = lengths.map((length) => request(1, length));
  const runs = planJoins(requests, { maxBatchSize: 32, padding: padded });
  assert.deepEqual(
    runs.map((pieces) => pieces.map((piece) => lengths[piece.request])),
    [[1, 0], [2], [3, 4], [5, 8], [9, 16], [17]],
  );
});

test('every row of every request is in exactly one run, no run has too many, and padding less than doubles any', () => {
  const shapes = fc.array(fc.record({ rows: fc.nat(30), length: fc.nat(40) }), { maxLength: 12 });
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 8 }), fc.boolean(), (all, maxBatchSize, pads) => {
      const requests = all.map(({ rows, length }) => request(rows, length));
      const runs = planJoins(requests, { maxBatchSize, padding: pads ? padded : unpadded });
      for (const [index, { rows }] of all.entries()) {
        const pieces = runs.flat().filter((piece) => piece.request === index);
        const covered = pieces.sort((a, b) => a.from - b.from).flatMap(({ from, rows: count }) => range(from, count));
        assert.deepEqual(covered, range(0, rows));
        assert.ok(pieces.length > 0);
      }
      for (const run of runs) {
        assert.ok(run.reduce((sum, { rows }) => sum + rows, 0) <= maxBatchSize);
        const lengths = run.map((piece) => all[piece.request]?.length as number);
        const [least, most] = [Math.max(1, Math.min(...lengths)), Math.max(...lengths)];
        assert.ok(pads ? most < 2 * least || most <= 1 : most === Math.min(...lengths));
      }
    }),
  );
});

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}
