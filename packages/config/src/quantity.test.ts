import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatBytes, formatDuration, MiB, parseBytes, parseDuration } from './quantity.ts';

test('sizes take decimal and binary units in any case, and none', () => {
  const sizes = ['64MiB', '64mib', '1.5 KiB', '64KB', '2GB', '1TiB', '4096', '0', '7B'].map(parseBytes);
  assert.deepEqual(sizes, [64 * MiB, 64 * MiB, 1536, 64_000, 2e9, 1024 ** 4, 4096, 0, 7]);
});

test('what is no size of whole bytes is none', () => {
  for (const text of ['', 'MiB', '-1', '1.5', '64 M', '64 MiBs', '1e3', '0x10', 'NaN', 'Infinity', '99999999999TiB']) {
    assert.equal(parseBytes(text), undefined, text);
  }
});

test('durations are milliseconds inside', () => {
  assert.deepEqual(['500ms', '10s', '2m', '1.5h', '0'].map(parseDuration), [500, 10_000, 120_000, 5_400_000, 0]);
});

test('a duration without a unit is refused, since nobody can tell seconds from milliseconds', () => {
  for (const text of ['', '5', '5 minutes', '-5s', 's', '1d']) assert.equal(parseDuration(text), undefined, text);
});

test('formatting is undone by parsing', () => {
  fc.assert(fc.property(fc.nat(2 ** 45), (bytes) => parseBytes(formatBytes(bytes)) === bytes));
  fc.assert(
    fc.property(fc.nat(2 ** 40), (milliseconds) => parseDuration(formatDuration(milliseconds)) === milliseconds),
  );
});

test('the largest unit that leaves a whole number is used', () => {
  assert.deepEqual([64 * MiB, 64_000, 1000, 1025, 0].map(formatBytes), ['64MiB', '64KB', '1KB', '1025B', '0B']);
  assert.deepEqual([30_000, 90_000, 120_000, 1500, 0].map(formatDuration), ['30s', '90s', '2m', '1500ms', '0ms']);
});
