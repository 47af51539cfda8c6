// The elements of an input in the protocol's raw form, whichever form the client used. Typed floats that are packed are raw already,
// which is what clients send: they stay a slice of the message.
import { encodeRaw, elementCount } from '@weft/tensor';
import { FieldReader } from '../wire/read.ts';
import type { GivenInput } from './read-infer-request.ts';
import { refusingMalformed } from './refusing-malformed.ts';
import { readTypedContents } from './typed-contents.ts';

/** Throws INVALID_ARGUMENT for typed contents of another datatype, or that do not fill the shape. */
export function rawContents(input: GivenInput): Buffer {
  return input.raw ?? refusingMalformed(() => packedFloats(input)) ?? encodeRaw(readTypedContents(input));
}

function packedFloats({ datatype, shape, contents }: GivenInput): Buffer | undefined {
  const { field, size } = floats[datatype] ?? { field: 0, size: 0 };
  if (field === 0 || contents === undefined) return undefined;
  const reader = new FieldReader(contents);
  const whole = reader.next() && reader.field === field && reader.type === 2 && reader.end === contents.length;
  return whole && reader.end - reader.start === elementCount(shape) * size ? reader.content() : undefined;
}

const floats: Readonly<Partial<Record<GivenInput['datatype'], { readonly field: number; readonly size: number }>>> = {
  FP32: { field: 6, size: 4 },
  FP64: { field: 7, size: 8 },
};
