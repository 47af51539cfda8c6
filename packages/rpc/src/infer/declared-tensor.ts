// A tensor's description in a message of the Open Inference Protocol, read and not yet believed: inputs of requests and outputs of
// responses have the same fields.
import { invalidArgument } from '@weft/errors';
import type { FieldReader } from '../wire/read.ts';

export interface DeclaredTensor {
  name: string;
  datatype: string;
  shape: number[];
  /** The InferTensorContents message. */
  contents: Buffer | undefined;
}

/** More than any runtime takes; without a limit a shape of a message's size would become millions of numbers. */
const maxDimensions = 64;
const longestVarint = 10;

/** `onParameter` is shown each entry of the map of parameters. */
export function readDeclaredTensor(reader: FieldReader, onParameter?: (entry: FieldReader) => void): DeclaredTensor {
  const tensor: DeclaredTensor = { name: '', datatype: '', shape: [], contents: undefined };
  while (reader.next()) {
    if (reader.field === 1) tensor.name = reader.text();
    else if (reader.field === 2) tensor.datatype = reader.text();
    else if (reader.field === 3) readSizes(reader, tensor);
    else if (reader.field === 4) onParameter?.(reader.message());
    else if (reader.field === 5) {
      // A message field that occurs twice is merged: its repeated fields follow each other.
      tensor.contents =
        tensor.contents === undefined ? reader.content() : Buffer.concat([tensor.contents, reader.content()]);
    }
  }
  return tensor;
}

function readSizes(reader: FieldReader, { name, shape }: DeclaredTensor): void {
  const few = reader.end - reader.start <= maxDimensions * longestVarint;
  if (few) for (const size of reader.packedInt64()) shape.push(Number(size));
  if (!few || shape.length > maxDimensions)
    throw invalidArgument(`tensor '${name}' has more than ${maxDimensions} dimensions`);
}
