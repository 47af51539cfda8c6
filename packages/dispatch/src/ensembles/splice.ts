// Messages of an ensemble's steps, made from slices of the client's request and of the answers of other steps: each tensor is copied
// once, into the message of the step that reads it.
import { bytesFieldSize, FieldWriter, headSize, type RawTensor, textFieldSize, writeHead } from '@weft/rpc/wire';

/** A tensor of the ensemble: names are for the wires. */
export type Spliced = Omit<RawTensor, 'name'>;

export interface StepRequest {
  readonly model: string;
  readonly version: string;
  /** The client's own name for its request. */
  readonly id: string;
  /** The client's, as they were sent. */
  readonly parameters: readonly Uint8Array[];
  readonly inputs: readonly RawTensor[];
  /** Names of the outputs asked for. */
  readonly outputs: readonly string[];
}

/** Bytes of the message that writeStepRequest writes. */
export function stepRequestSize({ model, version, id, parameters, inputs, outputs }: StepRequest): number {
  let size = textFieldSize(model) + textFieldSize(version) + textFieldSize(id);
  for (const parameter of parameters) size += bytesFieldSize(parameter.length);
  for (const input of inputs) size += bytesFieldSize(headSize(input)) + bytesFieldSize(input.raw.length);
  for (const output of outputs) size += bytesFieldSize(textFieldSize(output));
  return size;
}

/** A ModelInferRequest of `size` bytes: what stepRequestSize says. */
export function writeStepRequest(request: StepRequest, size: number): Buffer {
  const out = new FieldWriter(size);
  out.textField(1, request.model);
  out.textField(2, request.version);
  out.textField(3, request.id);
  for (const parameter of request.parameters) out.bytesField(4, parameter);
  for (const input of request.inputs) writeHead(out, input);
  for (const output of request.outputs) {
    out.open(6, textFieldSize(output));
    out.textField(1, output);
  }
  for (const input of request.inputs) out.bytesField(7, input.raw);
  return out.bytes;
}
