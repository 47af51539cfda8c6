// Whether two answers say the same, but for the fields that name who answered. Nothing is decoded: messages are walked field by
// field, and what is left must be the same bytes in the same order; encoders of one service write alike.
import { FieldReader, MalformedMessage } from '@weft/rpc';

/** Model and version; of the Open Inference Protocol also the request's id. */
const typedNames = new Set([1, 2]);
const inferNames = new Set([1, 2, 3]);

export function sameAnswer(method: string, one: Uint8Array, other: Uint8Array): boolean {
  const names = method.startsWith('/inference.') ? inferNames : typedNames;
  try {
    return contentOf(one, names).equals(contentOf(other, names));
  } catch (thrown) {
    if (thrown instanceof MalformedMessage) return Buffer.compare(one, other) === 0;
    throw thrown;
  }
}

function contentOf(message: Uint8Array, names: ReadonlySet<number>): Buffer {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const reader = new FieldReader(bytes);
  const kept: Buffer[] = [];
  let from = 0;
  while (reader.next()) {
    // From the field's tag on: the last one ended where this one begins.
    if (!names.has(reader.field)) kept.push(bytes.subarray(from, reader.end));
    from = reader.end;
  }
  return Buffer.concat(kept);
}
