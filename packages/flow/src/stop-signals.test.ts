import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopSignals } from './stop-signals.ts';

test('the first signal stops, what follows within a second is the same one, and a later one is impatient', () => {
  let nowMs = 5_000;
  const heard = stopSignals(() => nowMs);
  assert.equal(heard(), 'first');
  assert.equal(heard(), 'repeated');
  nowMs += 999;
  assert.equal(heard(), 'repeated');
  nowMs += 1;
  assert.equal(heard(), 'impatient');
});
