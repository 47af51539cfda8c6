import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SlotShares } from './slot-shares.ts';

test('only who holds its share or more of the slots, among those who hold some or wait, has an excess', () => {
  const shares = new SlotShares((tenant) => (tenant === 'big' ? 3 : 1));
  for (let slot = 0; slot < 3; slot++) for (const tenant of ['big', 'a']) shares.take(tenant);
  // Alone with each other: 6 and 2 of 8.
  assert.deepEqual(['big', 'a', 'nobody'].map(shares.excessOf(8)), [0, 3, 0]);
  shares.wait('b');
  shares.wait('c');
  // 4 of 8 and 1 each.
  assert.deepEqual(['big', 'a', 'b'].map(shares.excessOf(8)), [0, 3, 0]);
  shares.take('big');
  assert.deepEqual(['big', 'a', 'b'].map(shares.excessOf(8)), [4 / 3, 3, 0]);
  for (const tenant of ['b', 'c']) shares.leave(tenant);
  for (let slot = 0; slot < 3; slot++) shares.giveBack('a');
  assert.deepEqual(['big', 'a'].map(shares.excessOf(8)), [0, 0]);
});
