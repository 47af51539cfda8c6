// A tensor's description in a message of the Open Inference Protocol, read and not yet believed: inputs of requests and outputs of
// responses have the same fields.
import type { FieldReader } from '../wire/read.ts';

export interface DeclaredTensor {
  name: string;
  datatype: string;
  shape: number[];
  /** The InferTensorContents message. */
  contents: Buffer | undefined;
}

/** `onParameter` is shown each entry of the map of parameters. */
export function readDeclaredTensor(reader: FieldReader, onParameter?: (entry: FieldReader) => void): DeclaredTensor {
  const tensor: DeclaredTensor = { name: '', datatype: '', shape: [], contents: undefined };
  while (reader.next()) {
    if (reader.field === 1) tensor.name = reader.text();
    else if (reader.field === 2) tensor.datatype = reader.text();
    else if (reader.field === 3) for (const size of reader.packedInt64()) tensor.shape.push(Number(size));
    else if (reader.field === 4) onParameter?.(reader.message());
    else if (reader.field === 5) {
      // A message field that occurs twice is merged: its repeated fields follow each other.
      tensor.contents =
        tensor.contents === undefined ? reader.content() : Buffer.concat([tensor.contents, reader.content()]);
    }
  }
  return tensor;
}
