import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toWeftError, WeftError } from './weft-error.ts';

test('an unexpected throwable says nothing but "internal error" and keeps its cause', () => {
  const cause = new TypeError('secret path /etc/shadow');
  const error = toWeftError(cause);
  assert.equal(error.code, 'INTERNAL');
  assert.equal(error.message, 'internal error');
  assert.equal(error.cause, cause);
});

test('a WeftError passes unchanged', () => {
  const error = new WeftError('NOT_FOUND', 'no model x');
  assert.equal(toWeftError(error), error);
});

test('only UNAVAILABLE is retryable', () => {
  assert.equal(new WeftError('UNAVAILABLE', '').retryable, true);
  assert.equal(new WeftError('RESOURCE_EXHAUSTED', '').retryable, false);
});
