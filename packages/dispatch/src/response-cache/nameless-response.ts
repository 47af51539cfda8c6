// A ModelInferResponse without the client's name for the request, and with another one: what is kept is the same for whoever asks.
// Fields of a message may come in any order, so a name is put before the rest.
import { bytesFieldSize, FieldReader, FieldWriter, textFieldSize } from '@weft/rpc';

const versionField = 2;
const idField = 3;

export interface NamelessResponse {
  /** Memory of its own. */
  readonly bytes: Buffer;
  /** The version that answered. */
  readonly version: string;
}

/** Throws MalformedMessage for what is no message. */
export function withoutId(payload: Uint8Array): NamelessResponse {
  const whole = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const reader = new FieldReader(whole);
  const kept: Buffer[] = [];
  let version = '';
  let from = 0;
  while (reader.next()) {
    if (reader.field === versionField) version = reader.text();
    if (reader.field !== idField) continue;
    const fieldStart = reader.end - bytesFieldSize(reader.end - reader.start);
    kept.push(whole.subarray(from, fieldStart));
    from = reader.end;
  }
  kept.push(whole.subarray(from));
  return { bytes: Buffer.concat(kept), version };
}

/** Shares memory with what is kept when there is no name. */
export function withId(nameless: Buffer, id: string): Buffer {
  if (id === '') return nameless;
  const name = new FieldWriter(textFieldSize(id));
  name.textField(idField, id);
  return Buffer.concat([name.bytes, nameless]);
}
