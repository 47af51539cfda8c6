import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cache, type CachePart, emptyCache, gatherRows, spareColumns } from './cache.ts';
import { mergeGroups, type RowGroup, withoutMembers } from './row-group.ts';

const maxContext = 1000;
const layout: CachePart[] = [
  { input: 'k', output: 'k', datatype: 'FP32', heads: 2, width: 3 },
  { input: 'v', output: 'v', datatype: 'FP16', heads: 1, width: 1 },
];

/** A row whose elements say whose they are: sequence, token, head and place. */
function rowOf(sequence: number, length: number): Cache {
  const part = ({ heads, width }: CachePart): number[] =>
    Array.from({ length: heads * length * width }, (_, at) => {
      const token = Math.floor(at / width) % length;
      return element(sequence, token, Math.floor(at / width / length) * width + (at % width));
    });
  const [first, second] = layout as [CachePart, CachePart];
  return {
    lengths: [length],
    columns: length,
    parts: [Float32Array.from(part(first)), Uint16Array.from(part(second))],
  };
}

function element(sequence: number, token: number, place: number): number {
  return 1 + sequence * 600 + token * 6 + place;
}

/** Each row's elements, without padding, must be those of its sequence. */
function check(cache: Cache, sequences: readonly number[]): void {
  assert.equal(cache.lengths.length, sequences.length);
  for (const [index, { heads, width }] of layout.entries()) {
    const part = cache.parts[index] as Float32Array;
    assert.equal(part.length, sequences.length * heads * cache.columns * width);
    for (const [row, sequence] of sequences.entries()) {
      const length = cache.lengths[row] as number;
      for (let head = 0; head < heads; head++)
        for (let token = 0; token < length; token++)
          for (let at = 0; at < width; at++) {
            const column = cache.columns - length + token;
            const found = part[((row * heads + head) * cache.columns + column) * width + at];
            assert.equal(found, element(sequence, token, head * width + at));
          }
    }
  }
}

const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 });

test('rows keep their elements through any history of joining and leaving', () => {
  fc.assert(
    fc.property(
      lengths,
      fc.array(fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), { maxLength: 5 }),
      fc.boolean(),
      (all, leaves, padded) => {
        let groups: RowGroup<number>[] = [];
        for (const [sequence, length] of all.entries()) {
          const newcomer = { cache: rowOf(sequence, length), members: [sequence] };
          const merged = mergeGroups(groups, [newcomer], { layout, padded, maxContext });
          const gone = leaves[sequence] ?? [];
          groups = merged.groups.flatMap((group) => withoutMembers(group, (member) => gone[member] === true) ?? []);
          for (const { cache, members } of groups) check(cache, members);
          if (!padded) for (const { cache } of groups) assert.equal(new Set(cache.lengths).size, 1);
        }
      },
    ),
  );
});

test('a row that leaves costs no copy of the others, and columns that only it needed are cut off later', () => {
  const gathered = gatherRows(
    layout,
    [rowOf(0, 3), rowOf(1, 80), rowOf(2, 4)].map((cache) => ({ cache, row: 0 })),
  );
  const left = withoutMembers({ cache: gathered, members: [0, 1, 2] }, (member) => member === 1);
  assert.ok(left !== undefined);
  assert.equal(left.cache.parts[0]?.buffer, gathered.parts[0]?.buffer);
  assert.equal(spareColumns(left.cache), 76);
  const [merged] = mergeGroups([left], [], { layout, padded: true, maxContext }).groups;
  assert.ok(merged !== undefined);
  assert.equal(merged.cache.columns, 4);
  check(merged.cache, [0, 2]);
});

test('a group that nobody joins and that wastes nothing is left as it is', () => {
  const group = { cache: rowOf(0, 40), members: [0] };
  assert.equal(mergeGroups([group], [], { layout, padded: true, maxContext }).groups[0], group);
});

test('rows of very different lengths are decoded apart', () => {
  const groups = [20, 25, 500].map((length, sequence) => ({
    cache: { ...emptyCache([]), lengths: [length], columns: length },
    members: [sequence],
  }));
  assert.deepEqual(
    mergeGroups([], groups, { layout: [], padded: true, maxContext }).groups.map(({ members }) => members),
    [[0, 1], [2]],
  );
});
