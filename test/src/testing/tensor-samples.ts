// Two elements of each datatype that onnxruntime computes, with the values at which conversions go wrong.
import type { InferTensorContents } from '@weft/rpc/messages/inference/InferTensorContents';
import type { Datatype } from '@weft/tensor';

/** Elements of each datatype, raw and typed; what has no typed form travels raw only. */
export const samples: Readonly<
  Record<Exclude<Datatype, 'BF16'>, { readonly raw: Uint8Array; readonly typed?: InferTensorContents }>
> = {
  BOOL: { raw: Uint8Array.of(1, 0), typed: { boolContents: [true, false] } },
  UINT8: { raw: Uint8Array.of(0, 255), typed: { uintContents: [0, 255] } },
  UINT16: { raw: bytesOf(Uint16Array.of(0, 65535)), typed: { uintContents: [0, 65535] } },
  UINT32: { raw: bytesOf(Uint32Array.of(0, 4294967295)), typed: { uintContents: [0, 4294967295] } },
  UINT64: {
    raw: bytesOf(BigUint64Array.of(0n, 18446744073709551615n)),
    typed: { uint64Contents: ['0', '18446744073709551615'] },
  },
  INT8: { raw: bytesOf(Int8Array.of(-128, 127)), typed: { intContents: [-128, 127] } },
  INT16: { raw: bytesOf(Int16Array.of(-32768, 32767)), typed: { intContents: [-32768, 32767] } },
  INT32: { raw: bytesOf(Int32Array.of(-2147483648, 2147483647)), typed: { intContents: [-2147483648, 2147483647] } },
  INT64: {
    raw: bytesOf(BigInt64Array.of(-9223372036854775808n, 9007199254740993n)),
    typed: { int64Contents: ['-9223372036854775808', '9007199254740993'] },
  },
  FP16: { raw: bytesOf(Uint16Array.of(0x3c00, 0x7e00)) },
  FP32: { raw: bytesOf(Float32Array.of(Number.NaN, -Infinity)), typed: { fp32Contents: [Number.NaN, -Infinity] } },
  FP64: { raw: bytesOf(Float64Array.of(Number.NaN, 1.7e308)), typed: { fp64Contents: [Number.NaN, 1.7e308] } },
  BYTES: {
    raw: Buffer.from([0, 0, 0, 0, 3, 0, 0, 0, 0x0a, 0xc5, 0xbe]),
    typed: { bytesContents: [Buffer.alloc(0), Buffer.from([0x0a, 0xc5, 0xbe])] },
  },
};

export const datatypes = Object.keys(samples) as (keyof typeof samples)[];

function bytesOf(elements: { readonly buffer: ArrayBufferLike; readonly byteLength: number }): Buffer {
  return Buffer.from(elements.buffer as ArrayBuffer, 0, elements.byteLength);
}
