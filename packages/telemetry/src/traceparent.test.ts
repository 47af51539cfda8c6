import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

const knownTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const knownSpan = '00f067aa0ba902b7';

test('a header is read into its ids and its sampling', () => {
  assert.deepEqual(parseTraceparent(`00-${knownTrace}-${knownSpan}-01`), {
    traceId: knownTrace,
    spanId: knownSpan,
    sampled: true,
  });
  assert.deepEqual(parseTraceparent(`00-${knownTrace}-${knownSpan}-02`), {
    traceId: knownTrace,
    spanId: knownSpan,
    sampled: false,
  });
});

test('a later version is read as far as it is known', () => {
  assert.deepEqual(parseTraceparent(`01-${knownTrace}-${knownSpan}-01-more`), {
    traceId: knownTrace,
    spanId: knownSpan,
    sampled: true,
  });
});

test('what the recommendation forbids is ignored', () => {
  const forbidden = [
    undefined,
    '',
    `ff-${knownTrace}-${knownSpan}-01`,
    `00-${knownTrace}-${knownSpan}-01-more`,
    `01-${knownTrace}-${knownSpan}-01more`,
    `00-${'0'.repeat(32)}-${knownSpan}-01`,
    `00-${knownTrace}-${'0'.repeat(16)}-01`,
    `00-${knownTrace.toUpperCase()}-${knownSpan}-01`,
    `00-${knownTrace.slice(1)}-${knownSpan}-01`,
    `00-${knownTrace}-${knownSpan}`,
    ` 00-${knownTrace}-${knownSpan}-01`,
  ];
  for (const header of forbidden) assert.equal(parseTraceparent(header), undefined, header);
});

test('formatting is undone by parsing', () => {
  const id = (digits: number) =>
    fc.bigInt({ min: 1n, max: 16n ** BigInt(digits) - 1n }).map((value) => value.toString(16).padStart(digits, '0'));
  fc.assert(
    fc.property(id(32), id(16), fc.boolean(), (traceId, spanId, sampled) => {
      const parent = { traceId, spanId, sampled };
      assert.deepEqual(parseTraceparent(formatTraceparent(parent)), parent);
    }),
  );
});

test('no text makes the parser throw', () => {
  fc.assert(fc.property(fc.string(), (text) => parseTraceparent(text) === undefined));
});
