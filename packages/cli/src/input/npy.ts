// NumPy's file of one array (.npy, format 1 to 3): a magic string, a header that is a Python dictionary in text, and the
// elements. Only what means the same here is read: numbers and truths, little-endian, in C order.
import { invalidArgument } from '@weft/errors';
import type { Datatype, OutputTensor, TypedArray } from '@weft/client';

type ArrayOf = new (buffer: ArrayBuffer) => TypedArray;

/** NumPy's names: kind and size in bytes. */
const kinds: Readonly<Record<string, { readonly datatype: Datatype; readonly array: ArrayOf }>> = {
  b1: { datatype: 'BOOL', array: Uint8Array },
  u1: { datatype: 'UINT8', array: Uint8Array },
  u2: { datatype: 'UINT16', array: Uint16Array },
  u4: { datatype: 'UINT32', array: Uint32Array },
  u8: { datatype: 'UINT64', array: BigUint64Array },
  i1: { datatype: 'INT8', array: Int8Array },
  i2: { datatype: 'INT16', array: Int16Array },
  i4: { datatype: 'INT32', array: Int32Array },
  i8: { datatype: 'INT64', array: BigInt64Array },
  f2: { datatype: 'FP16', array: Uint16Array },
  f4: { datatype: 'FP32', array: Float32Array },
  f8: { datatype: 'FP64', array: Float64Array },
};

/** Throws INVALID_ARGUMENT, naming `path`, for what is no such file or holds another kind of array. */
export function parseNpy(path: string, bytes: Buffer): OutputTensor {
  if (bytes.subarray(0, 6).toString('latin1') !== '\x93NUMPY') throw invalidArgument(`${path} is no .npy file`);
  const wide = (bytes[6] ?? 0) >= 2;
  const start = wide ? 12 : 10;
  if (bytes.length < start) throw invalidArgument(`${path} is cut short`);
  const end = start + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.subarray(start, end).toString('latin1');
  const type = /'descr'\s*:\s*'([<>|=])(\w+)'/.exec(header);
  const sizes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  const kind = kinds[type?.[2] ?? ''];
  if (type === null || sizes === undefined || kind === undefined || type[1] === '>') {
    throw invalidArgument(`${path} holds no array of little-endian numbers: ${header.trim()}`);
  }
  if (/'fortran_order'\s*:\s*True/.test(header)) {
    throw invalidArgument(`${path} is in Fortran order: save numpy.ascontiguousarray(array) instead`);
  }
  const shape = sizes
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const content = new Uint8Array(bytes.subarray(end));
  const elementSize = Number(type[2]?.slice(1));
  if (content.length !== count * elementSize) {
    throw invalidArgument(`${path}: ${content.length} bytes do not hold an array of shape [${shape}]`);
  }
  return { datatype: kind.datatype, shape, elements: new kind.array(content.buffer) };
}
