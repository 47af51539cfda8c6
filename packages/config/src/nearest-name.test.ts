import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearestName } from './nearest-name.ts';

test('one letter wrong, missing, or too many is one edit', () => {
  assert.equal(editDistance('port', 'part'), 1);
  assert.equal(editDistance('port', 'pot'), 1);
  assert.equal(editDistance('port', 'ports'), 1);
});

test('edit distance is a metric', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      assert.equal(editDistance(a, a), 0);
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, c) <= editDistance(a, b) + editDistance(b, c));
    }),
  );
});

test('the nearest name is offered only when it is near', () => {
  assert.equal(nearestName('sumarize', ['summarize', 'status']), 'summarize');
  assert.equal(nearestName('xyzzy', ['summarize', 'status']), undefined);
  assert.equal(nearestName('anything', []), undefined);
});
