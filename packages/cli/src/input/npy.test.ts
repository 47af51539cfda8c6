import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensorValues } from '@weft/client';
import { parseNpy } from './npy.ts';
import { tensorOfArray } from './tensor-argument.ts';

/** A file as numpy.save writes it; `layout` is its datatype, shape and order in NumPy's words. */
function npy(layout: string, content: ArrayBufferView): Buffer {
  const [descr, shape, order = 'False'] = layout.split('; ');
  const header = `${`{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`.padEnd(117)}\n`;
  const start = Buffer.from('\x93NUMPY\x01\x00\0\0', 'latin1');
  start.writeUInt16LE(header.length, 8);
  const { buffer, byteOffset, byteLength } = content;
  return Buffer.concat([
    start,
    Buffer.from(header, 'latin1'),
    Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength),
  ]);
}

test('an array of NumPy is read with its datatype and shape', () => {
  const array = parseNpy('a.npy', npy('<f4; (2, 2)', new Float32Array([1, 2, 3, 4])));
  assert.deepEqual(array, { datatype: 'FP32', shape: [2, 2], elements: new Float32Array([1, 2, 3, 4]) });
});

test('a vector and a scalar are read', () => {
  assert.deepEqual(parseNpy('a.npy', npy('<i8; (3,)', new BigInt64Array([1n, 2n, 3n]))).shape, [3]);
  assert.deepEqual(parseNpy('a.npy', npy('|b1; ()', new Uint8Array([1]))), {
    datatype: 'BOOL',
    shape: [],
    elements: new Uint8Array([1]),
  });
});

test('float64 and int64, which NumPy makes by itself, become what the model wants', () => {
  const spec = (datatype: string) => ({ name: 'x', datatype, shape: [-1] });
  const doubles = parseNpy('a.npy', npy('<f8; (2,)', new Float64Array([0.5, 2])));
  assert.deepEqual(tensorOfArray(spec('FP32'), doubles), { datatype: 'FP32', shape: [2], elements: [0.5, 2] });
  const longs = parseNpy('a.npy', npy('<i8; (2,)', new BigInt64Array([1n, 2n])));
  assert.deepEqual(tensorOfArray(spec('FP32'), longs), { datatype: 'FP32', shape: [2], elements: [1, 2] });
  const halves = parseNpy('a.npy', npy('<f2; (1,)', new Uint16Array([0x3c00])));
  assert.deepEqual(tensorValues(halves), [1]);
});

const refused: [string, Buffer, RegExp][] = [
  ['text', Buffer.from('1,2,3'), /a\.npy is no \.npy file/],
  ['a file that is cut short', npy('<f4; (2,)', new Float32Array(1)), /do not hold an array of shape \[2\]/],
  ['half a header', Buffer.from('\x93NUMPY\x01', 'latin1'), /cut short/],
  ['big-endian numbers', npy('>f4; (1,)', new Float32Array(1)), /little-endian/],
  ['text elements', npy('<U3; (1,)', new Uint8Array(12)), /little-endian numbers/],
  ['Fortran order', npy('<f4; (1,); True', new Float32Array(1)), /Fortran order/],
];
for (const [name, bytes, message] of refused) {
  test(`${name} is refused`, () => {
    assert.throws(() => parseNpy('a.npy', bytes), { code: 'INVALID_ARGUMENT', message });
  });
}
