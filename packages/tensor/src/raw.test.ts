import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Datatype, datatypes, type FixedDatatype } from './datatype.ts';
import { decodeRaw, encodeRaw, RawSizeError } from './raw.ts';
import { stringElements, stringTensor } from './tensor.ts';

test('raw bytes of every fixed datatype survive decoding and encoding, aligned or not', () => {
  const names = Object.keys(datatypes) as FixedDatatype[];
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.tuple(fc.nat(5), fc.nat(7)),
      fc.infiniteStream(fc.nat(255)),
      (datatype, [rows, offset], octets) => {
        const size = rows * 3 * datatypes[datatype].byteSize;
        const bytes = new Uint8Array(offset + size).map(() => octets.next().value as number).subarray(offset);
        const tensor = decodeRaw(datatype, [rows, 3], bytes);
        assert.ok(tensor.elements instanceof datatypes[datatype].array);
        assert.deepEqual(Buffer.from(encodeRaw(tensor)), Buffer.from(bytes));
      },
    ),
  );
});

test('strings with NULs, non-ASCII letters and no letters survive', () => {
  const strings = ['', 'a\0b', 'žluťoučký 馬 🐎'];
  const tensor = decodeRaw('BYTES', [3], encodeRaw(stringTensor([3], strings)));
  assert.deepEqual(stringElements(tensor), strings);
});

test('a size that does not fit the shape is refused with both numbers', () => {
  const refused: [Datatype, number[], Uint8Array, number, number][] = [
    ['FP32', [2, 2], new Uint8Array(15), 16, 15],
    ['INT64', [0], new Uint8Array(8), 0, 8],
    ['BYTES', [2], Buffer.from([1, 0, 0, 0, 65]), 2, 1],
    ['BYTES', [1], Buffer.from([9, 0, 0, 0, 65]), 13, 5],
    ['BYTES', [1], Buffer.from([9, 0]), 4, 2],
    ['BYTES', [0], Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]), 0, 1],
  ];
  for (const [datatype, shape, bytes, expected, got] of refused) {
    assert.throws(
      () => decodeRaw(datatype, shape, bytes),
      (error) => {
        assert.ok(error instanceof RawSizeError);
        assert.deepEqual([error.expected, error.got], [expected, got]);
        return true;
      },
    );
  }
});
