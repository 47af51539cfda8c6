// The tensors of a ModelInferResponse of weft's own: each raw, as a slice of the message.
import { isDatatype } from '@weft/tensor';
import { FieldReader, MalformedMessage } from '../wire/read.ts';
import { type DeclaredTensor, readDeclaredTensor } from './declared-tensor.ts';
import type { RawTensor } from './given-tensor.ts';

/** Throws MalformedMessage for one that no worker writes. */
export function readInferResponse(message: Buffer): RawTensor[] {
  const reader = new FieldReader(message);
  const declared: DeclaredTensor[] = [];
  const raw: Buffer[] = [];
  while (reader.next()) {
    if (reader.field === 5) declared.push(readDeclaredTensor(reader.message()));
    else if (reader.field === 6) raw.push(reader.content());
  }
  if (declared.length !== raw.length) throw new MalformedMessage('an output has no raw contents');
  return declared.map(({ name, datatype, shape }, index) => {
    if (!isDatatype(datatype)) throw new MalformedMessage(`output '${name}' has datatype '${datatype}'`);
    return { name, datatype, shape, raw: raw[index] as Buffer };
  });
}
