import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSize, shorten } from './format-number.ts';
import { formatTable } from './format-table.ts';
import { formatTensor } from './format-tensor.ts';

test('a table is aligned, one line for each row, without trailing blanks', () => {
  const columns = [{ title: 'NAME' }, { title: 'N', align: 'right' as const }, { title: 'NOTE' }];
  const table = formatTable(columns, [
    ['a', '1', ''],
    ['größer', '1000', 'two\nlines'],
    ['日本', '2', 'wide'],
  ]);
  assert.deepEqual(table.split('\n'), [
    'NAME       N  NOTE',
    'a          1',
    'größer  1000  two lines',
    '日本       2  wide',
  ]);
});

test('a text is cut between characters, not inside one', () => {
  assert.equal(shorten('  a\n b ', 10), 'a b');
  assert.equal(shorten('👩‍🔬👩‍🔬👩‍🔬👩‍🔬', 3), '👩‍🔬👩‍🔬…');
});

test('sizes have a unit that fits', () => {
  assert.deepEqual([999, 1_500, 2_340_000].map(formatSize), ['999 B', '1.5 kB', '2.3 MB']);
});

test('a tensor is nested as its shape is, numbers to six digits', () => {
  const tensor = { datatype: 'FP64', shape: [2, 1, 2], elements: new Float64Array([1 / 3, 1e21, -0, 1]) } as const;
  assert.equal(formatTensor('y', tensor), 'y  FP64 [2, 1, 2]\n[[[0.333333, 1e+21]], [[0, 1]]]');
});

test('a scalar and an empty tensor are written as such', () => {
  assert.equal(formatTensor('s', { datatype: 'INT8', shape: [], elements: new Int8Array([7]) }), 's  INT8 []\n7');
  assert.equal(
    formatTensor('e', { datatype: 'INT8', shape: [2, 0], elements: new Int8Array() }),
    'e  INT8 [2, 0]\n[[], []]',
  );
});

test('a long tensor is cut and says how long it is', () => {
  const tensor = { datatype: 'UINT8', shape: [1000], elements: new Uint8Array(1000) } as const;
  assert.match(
    formatTensor('y', tensor),
    /^y {2}UINT8 \[1000\]\n\[0(?:, 0){9}, …\] 1000 elements \(--json prints all\)$/,
  );
});
