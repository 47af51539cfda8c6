// Bytes that are no message, or none that an honest client writes: cut short, of wrong wire types, groups, over-long numbers,
// nested deep, filled with fields that nobody knows.
import { rpcMethod } from '@weft/rpc';
import { inferPath } from '../testing/infer-request.ts';
import { goodRequests } from './hostile-mesh.ts';
import type { InferCases } from './hostile-tensors.ts';

export type ByteCases = Readonly<Record<string, readonly [Buffer, string | RegExp]>>;

const good = rpcMethod(inferPath).encodeRequest(goodRequests['rows'] as object);
const malformed = /^INVALID_ARGUMENT malformed /;

export function varint(value: number | bigint): Buffer {
  const octets: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) octets.push(Number(rest & 127n) | 128);
  return Buffer.from([...octets, Number(rest)]);
}

export function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** A message within itself, so many times. */
function nested(depth: number, number: number): Buffer {
  let message = Buffer.alloc(0);
  for (let level = 0; level < depth; level++) message = field(number, message) as Buffer<ArrayBuffer>;
  return message;
}

const groups = (depth: number, number = 90): Buffer =>
  Buffer.concat([
    ...new Array<Buffer>(depth).fill(varint(number * 8 + 3)),
    ...new Array<Buffer>(depth).fill(varint(number * 8 + 4)),
  ]);
const behind = (...more: readonly Buffer[]): Buffer => Buffer.concat([good, ...more]);
const overlong = Buffer.from([...new Array<number>(10).fill(0xff), 0x01]);
const input = (...fields: readonly Buffer[]): Buffer =>
  Buffer.concat([field(1, 'rows'), field(5, Buffer.concat(fields))]);
const parameter = (...fields: readonly Buffer[]): Buffer => behind(field(4, Buffer.concat(fields)));

/** Of ModelInfer. */
export const inferByteCases: InferCases = {
  'a length beyond the end': [behind(Buffer.of(0x0a, 0x7f, 0x61)), malformed],
  'a length of 64 bits': [behind(Buffer.of(0x0a), varint(2n ** 64n - 1n)), malformed],
  'a tag alone': [behind(Buffer.of(0x0a)), malformed],
  'half a tag': [behind(Buffer.of(0x8a)), malformed],
  'field number 0': [behind(Buffer.of(0x02, 0x00)), malformed],
  'a field number beyond the largest': [behind(varint(2 ** 32 + 2), Buffer.of(0)), malformed],
  'a tag longer than a number may be': [behind(overlong, Buffer.of(0)), malformed],
  'a number longer than it may be': [behind(Buffer.of(0x78), overlong), malformed],
  'a group': [behind(groups(1)), malformed],
  'ten thousand groups in each other': [behind(groups(10_000)), malformed],
  'the end of a group': [behind(varint(90 * 8 + 4)), malformed],
  'wire type 6': [behind(varint(90 * 8 + 6)), malformed],
  'wire type 7': [behind(varint(90 * 8 + 7)), malformed],
  'the model as a number': [behind(Buffer.of(0x08, 0x01)), malformed],
  'the model as a fixed number': [behind(Buffer.of(0x0d, 1, 2, 3, 4)), malformed],
  'the id as a number': [behind(Buffer.of(0x18, 0x01)), malformed],
  'an input as a number': [behind(Buffer.of(0x28, 0x01)), malformed],
  'an output as a number': [behind(Buffer.of(0x30, 0x01)), malformed],
  'raw contents as a number': [behind(Buffer.of(0x38, 0x01)), malformed],
  'a parameter as a number': [behind(Buffer.of(0x20, 0x01)), malformed],
  'the name of an input as a number': [input(Buffer.of(0x08, 0x01)), malformed],
  'the datatype as a number': [input(field(1, 'x'), Buffer.of(0x10, 0x01)), malformed],
  'the shape as a fixed number': [input(field(1, 'x'), Buffer.of(0x1d, 1, 2, 3, 4)), malformed],
  'a shape that ends in the middle of a number': [input(field(1, 'x'), field(3, Buffer.of(1, 0x80))), malformed],
  'a shape of a number longer than it may be': [input(field(1, 'x'), field(3, overlong)), malformed],
  'contents as a number': [
    input(field(1, 'x'), field(2, 'FP32'), field(3, varint(1)), Buffer.of(0x28, 0x01)),
    malformed,
  ],
  'contents cut short': [
    input(field(1, 'x'), field(2, 'FP32'), field(3, varint(1)), field(5, Buffer.of(0x32, 8, 1))),
    malformed,
  ],
  'floats of three bytes': [
    input(field(1, 'x'), field(2, 'FP32'), field(3, varint(1)), field(5, Buffer.of(0x32, 3, 1, 2, 3))),
    malformed,
  ],
  'integers that end in the middle': [
    Buffer.concat([
      field(1, 'int64'),
      field(
        5,
        Buffer.concat([field(1, 'x'), field(2, 'INT64'), field(3, varint(1)), field(5, Buffer.of(0x1a, 1, 0x80))]),
      ),
    ]),
    malformed,
  ],
  'the key of a parameter as a number': [parameter(Buffer.of(0x08, 0x01)), malformed],
  'the value of a parameter as a number': [parameter(field(1, 'priority'), Buffer.of(0x10, 0x01)), malformed],
  'the priority as a double under the tag of an integer': [
    parameter(field(1, 'priority'), field(2, Buffer.of(0x11, 1, 2, 3, 4, 5, 6, 7, 8))),
    malformed,
  ],
  'a parameter cut short': [parameter(field(1, 'priority'), Buffer.of(0x12, 0x05, 0x10)), malformed],
  'a model within itself a thousand times': [Buffer.concat([field(1, 'rows'), nested(1000, 5)]), /^INVALID_ARGUMENT /],
  'nothing but zeros': [Buffer.alloc(1000), malformed],
  'nothing but ones': [Buffer.alloc(1000, 0xff), malformed],
  'another protocol': [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), /^(INVALID_ARGUMENT|NOT_FOUND) /],
  'a model that is no UTF-8': [
    Buffer.concat([good, field(1, Buffer.of(0xff, 0xfe))]),
    "NOT_FOUND Request for unknown model: '\ufffd\ufffd' is not found",
  ],
  'a surrogate as UTF-8': [
    Buffer.concat([good, field(1, Buffer.of(0xed, 0xa0, 0x80))]),
    /^NOT_FOUND Request for unknown model: '\ufffd+' is not found$/,
  ],
  'a second model': [
    Buffer.concat([good, field(1, 'nobody')]),
    "NOT_FOUND Request for unknown model: 'nobody' is not found",
  ],
  ...Object.fromEntries(
    [1, 7, 9, 20, 40].map((octets) => [
      `all but the last ${octets} bytes`,
      [good.subarray(0, good.length - octets), /^INVALID_ARGUMENT /],
    ]),
  ),
  ...Object.fromEntries(
    [1, 3, 5].map((octets) => [`the first ${octets} bytes`, [good.subarray(0, octets), malformed]]),
  ),
  'no bytes at all': [Buffer.alloc(0), 'INVALID_ARGUMENT Model name cannot be empty'],
};

/** Of any call that is decoded: field 15 is no field of them, 1 is not a number in any. */
export const answeredByteCases: ByteCases = {
  'a length beyond the end': [Buffer.of(0x7a, 0x7f, 0x61), 'INVALID_ARGUMENT malformed request message'],
  'half a tag': [Buffer.of(0x8a), 'INVALID_ARGUMENT malformed request message'],
  'a hundred thousand groups in each other': [groups(100_000, 15), 'INVALID_ARGUMENT malformed request message'],
  'a group without an end': [varint(15 * 8 + 3), 'INVALID_ARGUMENT malformed request message'],
  'wire type 7': [varint(15 * 8 + 7), 'INVALID_ARGUMENT malformed request message'],
};
