// A ModelInferResponse written to bytes. Data goes out raw, one entry for each output in order, even when empty: that is
// what the protocol's clients index.
import { bytesFieldSize, FieldWriter, textFieldSize } from '../wire/write.ts';
import { headSize, type RawTensor, writeHead } from './given-tensor.ts';

export interface InferResponse {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly outputs: readonly RawTensor[];
}

export function writeInferResponse({ model, version, id, outputs }: InferResponse): Buffer {
  let size = textFieldSize(model) + textFieldSize(version) + textFieldSize(id);
  for (const output of outputs) size += bytesFieldSize(headSize(output)) + bytesFieldSize(output.raw.length);
  const out = new FieldWriter(size);
  out.textField(1, model);
  out.textField(2, version);
  out.textField(3, id);
  for (const output of outputs) writeHead(out, output);
  for (const output of outputs) out.bytesField(6, output.raw);
  return out.bytes;
}
