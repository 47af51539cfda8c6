// The raw form of a tensor on the wire: little-endian elements in row-major order; a BYTES element has its length as
// a 4-byte little-endian number before it. Decoding copies only when the bytes are not aligned for their typed array.
import { endianness } from 'node:os';
import { type Datatype, datatypes, type FixedDatatype } from './datatype.ts';
import { type BytesElements, elementCount, type Tensor, type TypedArray } from './tensor.ts';

if (endianness() !== 'LE') throw new Error('weft runs on little-endian machines only');

/** Thrown by decodeRaw when the bytes do not hold what the shape asks for; `expected` and `got` are bytes, or elements of BYTES. */
export class RawSizeError extends Error {
  override readonly name = 'RawSizeError';
  readonly expected: number;
  readonly got: number;

  constructor(expected: number, got: number) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** The raw bytes of a tensor; they share memory with its elements, BYTES excepted. */
export function encodeRaw(tensor: Tensor): Buffer {
  if (tensor.datatype === 'BYTES') return encodeBytes(tensor.elements as BytesElements);
  const elements = tensor.elements as TypedArray;
  return Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength);
}

/** A tensor from its raw bytes. Throws RawSizeError when they do not fit the shape. */
export function decodeRaw(datatype: Datatype, shape: readonly number[], bytes: Uint8Array): Tensor {
  const count = elementCount(shape);
  if (datatype === 'BYTES') return { datatype, shape, elements: decodeBytes(count, bytes) };
  const { byteSize } = datatypes[datatype];
  if (bytes.byteLength !== count * byteSize) throw new RawSizeError(count * byteSize, bytes.byteLength);
  return { datatype, shape, elements: viewAs(datatype, bytes) };
}

function viewAs(datatype: FixedDatatype, bytes: Uint8Array): TypedArray {
  const { byteSize, array } = datatypes[datatype];
  const aligned = bytes.byteOffset % byteSize === 0 ? bytes : Uint8Array.prototype.slice.call(bytes);
  return new array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / byteSize);
}

function encodeBytes(elements: BytesElements): Buffer {
  let size = 0;
  for (const element of elements) size += 4 + element.byteLength;
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const element of elements) {
    at = out.writeUInt32LE(element.byteLength, at);
    out.set(element, at);
    at += element.byteLength;
  }
  return out;
}

function decodeBytes(count: number, bytes: Uint8Array): BytesElements {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    if (at + 4 > bytes.byteLength) throw new RawSizeError(at + 4, bytes.byteLength);
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.byteLength) throw new RawSizeError(end, bytes.byteLength);
    elements.push(bytes.subarray(at + 4, end));
    at = end;
    if (elements.length > count) break;
  }
  if (elements.length !== count) throw new RawSizeError(count, elements.length);
  return elements;
}
