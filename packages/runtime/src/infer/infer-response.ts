// A ModelInferResponse written to bytes. Data goes out raw, one entry for each output in order, even when empty: that is
// what the protocol's clients index.
import { bytesFieldSize, FieldWriter, textFieldSize, varintSize } from '@weft/rpc/wire';
import { encodeRaw, type Tensor } from '@weft/tensor';

export interface InferResponse {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly outputs: readonly { readonly name: string; readonly tensor: Tensor }[];
}

export function writeInferResponse(response: InferResponse): Buffer {
  const outputs = response.outputs.map(({ name, tensor }) => ({ name, tensor, raw: encodeRaw(tensor) }));
  let size = textFieldSize(response.model) + textFieldSize(response.version) + textFieldSize(response.id);
  for (const output of outputs) size += bytesFieldSize(outputSize(output)) + bytesFieldSize(output.raw.length);
  const out = new FieldWriter(size);
  out.textField(1, response.model);
  out.textField(2, response.version);
  out.textField(3, response.id);
  for (const output of outputs) {
    out.open(5, outputSize(output));
    out.textField(1, output.name);
    out.textField(2, output.tensor.datatype);
    const packed = packedSize(output.tensor.shape);
    if (packed > 0) out.open(3, packed);
    for (const dimension of output.tensor.shape) out.varint(dimension);
  }
  for (const output of outputs) out.bytesField(6, output.raw);
  return out.bytes;
}

function outputSize({ name, tensor }: { name: string; tensor: Tensor }): number {
  const packed = packedSize(tensor.shape);
  return textFieldSize(name) + textFieldSize(tensor.datatype) + (packed > 0 ? bytesFieldSize(packed) : 0);
}

function packedSize(shape: readonly number[]): number {
  return shape.reduce((sum, dimension) => sum + varintSize(dimension), 0);
}
