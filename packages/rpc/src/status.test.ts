import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { type ErrorCode, errorCodes, WeftError } from '@weft/errors';
import { errorCodeOf, grpcStatusOf } from './grpc-status.ts';
import { fromServiceError, httpStatusOf, toServiceError } from './status.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];

test('the numbers are those of gRPC, both ways', () => {
  for (const code of codes) {
    assert.equal(grpcStatusOf(code), status[code]);
    assert.equal(errorCodeOf(status[code]), code);
  }
  assert.equal(errorCodeOf(status.UNKNOWN), 'INTERNAL');
  assert.equal(errorCodeOf(99), 'INTERNAL');
});

test('docs/errors.md has every code with its numbers, and no other', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| ([A-Z_]+) \| (\d+) \| (\d+) \| (yes|no) \|/gm)].map(
    ([, code, grpc, http, retry]) => [code, grpc, http, retry],
  );
  const expected = codes.map((code) => [
    code,
    String(grpcStatusOf(code)),
    String(httpStatusOf(code)),
    errorCodes[code].retryable ? 'yes' : 'no',
  ]);
  assert.deepEqual(rows.sort(), expected.sort());
});

test('an error survives the way over gRPC with its pushback and request id', () => {
  const sent = new WeftError('RESOURCE_EXHAUSTED', 'Exceeds maximum queue size', {
    retryAfterMs: 250,
    requestId: 'r-1',
  });
  const received = fromServiceError(
    Object.assign(new Error('8 RESOURCE_EXHAUSTED'), { name: 'Error', ...toServiceError(sent) }),
  );
  assert.deepEqual(
    [received.code, received.message, received.retryAfterMs, received.requestId],
    [sent.code, sent.message, 250, 'r-1'],
  );
});
