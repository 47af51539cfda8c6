import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectedComponents } from './connected-components.ts';

function components(...rows: string[]) {
  const width = rows[0]?.length ?? 0;
  return connectedComponents(
    Uint8Array.from(rows.join(''), (letter) => (letter === '#' ? 1 : 0)),
    width,
    rows.length,
  );
}

test('pixels that touch by a side or a corner are one component', () => {
  assert.deepEqual(components('#..', '.#.', '..#'), [
    {
      area: 3,
      top: 0,
      spans: [
        { left: 0, right: 0 },
        { left: 1, right: 1 },
        { left: 2, right: 2 },
      ],
    },
  ]);
});

test('a gap separates, and the right border does not touch the next row', () => {
  assert.deepEqual(
    components('..##', '#...', '#...').map(({ area, top }) => [area, top]),
    [
      [2, 0],
      [2, 1],
    ],
  );
});

test('a row counts from its first to its last pixel, over a hole and round a bend', () => {
  assert.deepEqual(components('#####', '#...#', '#.###'), [
    {
      area: 11,
      top: 0,
      spans: [
        { left: 0, right: 4 },
        { left: 0, right: 4 },
        { left: 0, right: 4 },
      ],
    },
  ]);
});

test('an empty mask has none and a full one has one', () => {
  assert.deepEqual(components('...', '...'), []);
  assert.deepEqual(
    components('##', '##').map(({ area }) => area),
    [4],
  );
});
