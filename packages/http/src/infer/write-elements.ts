// An output's raw bytes as the items of a JSON array. NaN and the infinities are written bare, as Triton writes them and its clients
// read them, though JSON itself has no such numbers.
import { isUtf8 } from 'node:buffer';
import { invalidArgument, WeftError } from '@weft/errors';
import { type BytesElements, decodeRaw, isDatatype, RawSizeError, type Tensor, type TypedArray } from '@weft/tensor';

export interface RawOutput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly raw: Buffer;
}

/** Without the brackets. Throws INVALID_ARGUMENT where JSON cannot carry the output. */
export function writeElements(output: RawOutput): string {
  const { name, datatype } = output;
  if (datatype === 'FP16' || datatype === 'BF16') {
    throw invalidArgument(
      `sending ${datatype} data via JSON is not supported. Please use the binary data format for output ${name}`,
    );
  }
  const { elements } = tensorOf(output);
  if (datatype === 'BYTES')
    return (elements as BytesElements).map((text) => JSON.stringify(textOf(name, text))).join(',');
  if (datatype === 'BOOL') return Array.from(elements as Uint8Array, (truth) => truth !== 0).join(',');
  if (elements instanceof Float32Array || elements instanceof Float64Array) return floats(elements);
  return (elements as TypedArray).join(',');
}

/** The sign of zero is lost when numbers become text. */
function floats(elements: Float32Array | Float64Array): string {
  if (!elements.some((element) => Object.is(element, -0))) return elements.join(',');
  return Array.from(elements, (element) => (Object.is(element, -0) ? '-0.0' : String(element))).join(',');
}

function textOf(name: string, bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  throw invalidArgument(`output '${name}' holds bytes that are no text: ask for it with the parameter 'binary_data'`);
}

function tensorOf({ name, datatype, shape, raw }: RawOutput): Tensor {
  if (!isDatatype(datatype)) throw new WeftError('DATA_LOSS', `output '${name}' has unknown datatype '${datatype}'`);
  try {
    return decodeRaw(datatype, shape, raw);
  } catch (cause) {
    if (!(cause instanceof RawSizeError)) throw cause;
    throw new WeftError('DATA_LOSS', `output '${name}' does not fit its shape: ${cause.message}`, { cause });
  }
}
