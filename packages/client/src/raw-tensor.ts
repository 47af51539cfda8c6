// Tensors to and from the raw form of the wire: little-endian elements in row-major order, a BYTES element with its
// length as a 4-byte number before it. All sizes are checked here, so that a slip is named before anything is sent.
import { endianness } from 'node:os';
import { invalidArgument, WeftError } from '@weft/errors';
import { arrays, type Datatype, type FixedDatatype, isDatatype, type TypedArray } from './datatype.ts';
import { numberToBfloat16, numberToFloat16 } from './half.ts';
import { elementCount, type InferTensor, type OutputTensor, type TensorElements } from './tensor.ts';

if (endianness() !== 'LE') throw new Error('weft runs on little-endian machines only');

/** The raw bytes of an input. Throws INVALID_ARGUMENT, naming the input, when its elements do not fit datatype and shape. */
export function encodeInput(name: string, tensor: InferTensor): Buffer {
  const { datatype, shape, elements } = tensor;
  if (!isDatatype(datatype)) throw invalidArgument(`input '${name}': unknown datatype '${String(datatype)}'`);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw invalidArgument(`input '${name}': the shape [${shape}] must hold whole numbers of at least 0`);
  }
  if (elements.length !== elementCount(shape)) {
    throw invalidArgument(
      `input '${name}' has ${elements.length} elements, its shape [${shape}] holds ${elementCount(shape)}`,
    );
  }
  if (datatype === 'BYTES') return encodeBytes(name, elements);
  const array = typedArray(name, datatype, elements);
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

function typedArray(name: string, datatype: FixedDatatype, elements: TensorElements): TypedArray {
  const wanted = arrays[datatype];
  if (ArrayBuffer.isView(elements)) {
    if (elements instanceof wanted) return elements;
    throw invalidArgument(
      `input '${name}' is ${datatype} and needs a ${wanted.name}, got ${elements.constructor.name}`,
    );
  }
  const values = elements as readonly (number | bigint | boolean)[];
  if (datatype === 'FP16') return Uint16Array.from(values, (value) => numberToFloat16(float(name, datatype, value)));
  if (datatype === 'BF16') return Uint16Array.from(values, (value) => numberToBfloat16(float(name, datatype, value)));
  if (datatype === 'FP32') return Float32Array.from(values, (value) => float(name, datatype, value));
  if (datatype === 'FP64') return Float64Array.from(values, (value) => float(name, datatype, value));
  if (datatype === 'BOOL') return Uint8Array.from(values, (value) => truth(name, value));
  return integers(name, datatype, values);
}

function float(name: string, datatype: Datatype, value: number | bigint | boolean): number {
  if (typeof value === 'number') return value;
  throw unfit(name, datatype, value);
}

function truth(name: string, value: number | bigint | boolean): number {
  if (value === true || value === 1) return 1;
  if (value === false || value === 0) return 0;
  throw unfit(name, 'BOOL', value);
}

type IntegerDatatype = Exclude<FixedDatatype, 'FP16' | 'BF16' | 'FP32' | 'FP64' | 'BOOL'>;

/** A typed array wraps what is out of its range without a word; here that is an error. */
function integers(name: string, datatype: IntegerDatatype, values: readonly unknown[]): TypedArray {
  const array = new arrays[datatype](values.length);
  for (const [index, value] of values.entries()) {
    const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
    if (!whole) throw unfit(name, datatype, value);
    const wide = array instanceof BigInt64Array || array instanceof BigUint64Array;
    if (wide) array[index] = BigInt(value as number | bigint);
    else array[index] = Number(value);
    if (BigInt(array[index] as number | bigint) !== BigInt(value as number | bigint))
      throw unfit(name, datatype, value);
  }
  return array;
}

function unfit(name: string, datatype: Datatype, value: unknown): WeftError {
  return invalidArgument(`input '${name}': ${String(value)} is no ${datatype}`);
}

function encodeBytes(name: string, elements: TensorElements): Buffer {
  const pieces: Uint8Array[] = [];
  for (const element of elements) {
    const bytes = typeof element === 'string' ? Buffer.from(element, 'utf8') : element;
    if (!(bytes instanceof Uint8Array)) throw unfit(name, 'BYTES', element);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.byteLength);
    pieces.push(length, bytes);
  }
  return Buffer.concat(pieces);
}

/** What a response says of an output, beside its bytes. */
export interface OutputDescription {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** An output from its raw bytes. Throws DATA_LOSS when they do not hold what datatype and shape say. */
export function decodeOutput({ name, datatype, shape }: OutputDescription, bytes: Uint8Array): OutputTensor {
  if (!isDatatype(datatype))
    throw new WeftError('DATA_LOSS', `output '${name}' has the unknown datatype '${datatype}'`);
  const elements = datatype === 'BYTES' ? decodeBytes(bytes) : viewAs(datatype, bytes);
  if (elements === undefined || elements.length !== elementCount(shape)) {
    throw new WeftError('DATA_LOSS', `output '${name}': ${bytes.byteLength} bytes do not fit ${datatype} [${shape}]`);
  }
  return { datatype, shape, elements };
}

function viewAs(datatype: FixedDatatype, bytes: Uint8Array): TypedArray | undefined {
  const array = arrays[datatype];
  if (bytes.byteLength % array.BYTES_PER_ELEMENT !== 0) return undefined;
  // A copy of its own: aligned, and a small output does not keep a large message in memory.
  const own = new Uint8Array(bytes);
  return new array(own.buffer);
}

function decodeBytes(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    if (at + 4 > bytes.byteLength) return undefined;
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.byteLength) return undefined;
    elements.push(new Uint8Array(bytes.subarray(at + 4, end)));
    at = end;
  }
  return elements;
}
