import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberParameter, positiveParameter } from './number-parameter.ts';

const withValue = (value: string | undefined) => ({
  parameter: (name: string) => (name === 'min_score' ? value : undefined),
});

test('a number is read, and without one the fallback counts', () => {
  assert.equal(numberParameter(withValue(' 0.25 '), 'min_score', 1), 0.25);
  assert.equal(numberParameter(withValue(undefined), 'min_score', 1), 1);
});

test('what is no number is refused by its full name', () => {
  for (const value of ['', 'high', '1e999', '0,5']) {
    assert.throws(() => numberParameter(withValue(value), 'min_score', 1), {
      code: 'INVALID_ARGUMENT',
      message: `weft.min_score: expected a number, got "${value}"`,
    });
  }
});

test('what is not above zero is refused where it must be', () => {
  assert.equal(positiveParameter(withValue('0.5'), 'min_score', 1), 0.5);
  for (const value of ['0', '-1', 'high'])
    assert.throws(() => positiveParameter(withValue(value), 'min_score', 1), {
      code: 'INVALID_ARGUMENT',
      message: `weft.min_score: expected a number above 0, got "${value}"`,
    });
});
