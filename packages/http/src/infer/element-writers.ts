// From a JSON value to the bytes of one element, by datatype. What a datatype cannot hold is refused rather than wrapped. Texts of
// digits stand for 64-bit integers too, and those of NaN and Infinity for floats: JavaScript's JSON can write them no other way.
import type { FixedDatatype } from '@weft/tensor';
import type { JsonReader } from '../json/json-reader.ts';

/** FP16 and BF16 have no form in JSON. */
export type JsonDatatype = Exclude<FixedDatatype, 'FP16' | 'BF16'>;

/** Writes the reader's next value at a position; false where the value is none of the datatype. */
type WriteElement = (reader: JsonReader, bytes: Buffer, at: number) => boolean;

export const elementWriters: Readonly<Record<JsonDatatype, WriteElement>> = {
  BOOL: writeBoolean,
  UINT8: integerWriter(0, 2 ** 8 - 1, (bytes, value, at) => bytes.writeUInt8(value, at)),
  UINT16: integerWriter(0, 2 ** 16 - 1, (bytes, value, at) => bytes.writeUInt16LE(value, at)),
  UINT32: integerWriter(0, 2 ** 32 - 1, (bytes, value, at) => bytes.writeUInt32LE(value, at)),
  INT8: integerWriter(-(2 ** 7), 2 ** 7 - 1, (bytes, value, at) => bytes.writeInt8(value, at)),
  INT16: integerWriter(-(2 ** 15), 2 ** 15 - 1, (bytes, value, at) => bytes.writeInt16LE(value, at)),
  INT32: integerWriter(-(2 ** 31), 2 ** 31 - 1, (bytes, value, at) => bytes.writeInt32LE(value, at)),
  UINT64: wideWriter(0n, 2n ** 64n - 1n, (bytes, value, at) => bytes.writeBigUInt64LE(value, at)),
  INT64: wideWriter(-(2n ** 63n), 2n ** 63n - 1n, (bytes, value, at) => bytes.writeBigInt64LE(value, at)),
  FP32: floatWriter((bytes, value, at) => bytes.writeFloatLE(value, at)),
  FP64: floatWriter((bytes, value, at) => bytes.writeDoubleLE(value, at)),
};

function writeBoolean(reader: JsonReader, bytes: Buffer, at: number): boolean {
  const kind = reader.kind();
  if (kind !== 'boolean' && kind !== 'number') return false;
  const value = kind === 'boolean' ? Number(reader.boolean()) : reader.number().value;
  if (value !== 0 && value !== 1) return false;
  bytes[at] = value;
  return true;
}

type Write<Value> = (bytes: Buffer, value: Value, at: number) => void;

function integerWriter(low: number, high: number, write: Write<number>): WriteElement {
  return (reader, bytes, at) => {
    if (reader.kind() !== 'number') return false;
    const { value, whole } = reader.number();
    if (!whole || typeof value === 'bigint' || value < low || value > high) return false;
    write(bytes, value, at);
    return true;
  };
}

function wideWriter(low: bigint, high: bigint, write: Write<bigint>): WriteElement {
  return (reader, bytes, at) => {
    const value = readWide(reader);
    if (value === undefined || value < low || value > high) return false;
    write(bytes, value, at);
    return true;
  };
}

function readWide(reader: JsonReader): bigint | undefined {
  const kind = reader.kind();
  if (kind === 'string') {
    const text = reader.text();
    return /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  }
  if (kind !== 'number') return undefined;
  const { value, whole } = reader.number();
  return whole ? BigInt(value) : undefined;
}

const floatWords = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

function floatWriter(write: Write<number>): WriteElement {
  return (reader, bytes, at) => {
    const kind = reader.kind();
    if (kind !== 'string' && kind !== 'number') return false;
    const value = kind === 'string' ? floatWords.get(reader.text()) : Number(reader.number().value);
    if (value === undefined) return false;
    write(bytes, value, at);
    return true;
  };
}
