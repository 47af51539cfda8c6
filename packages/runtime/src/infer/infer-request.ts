// A ModelInferRequest read from its bytes: raw tensors share memory with the message, typed ones are read into typed
// arrays. A decoder would copy every tensor and lose the 64-bit integers.
import { invalidArgument, WeftError } from '@weft/errors';
import { FieldReader, MalformedMessage } from '@weft/rpc/wire';
import {
  type Datatype,
  decodeRaw,
  elementCount,
  isDatatype,
  RawSizeError,
  type Tensor,
  type TensorMap,
} from '@weft/tensor';
import { readTypedContents } from './typed-contents.ts';

export interface InferRequest {
  /** The client's own name for the request. */
  readonly id: string;
  readonly inputs: TensorMap;
  /** Names of the outputs asked for; empty means all. */
  readonly outputs: readonly string[];
}

interface DeclaredInput {
  name: string;
  datatype: string;
  shape: number[];
  contents: Buffer | undefined;
}

/** Throws INVALID_ARGUMENT for a message that is malformed or whose tensors do not hold what they declare. */
export function readInferRequest(message: Buffer): InferRequest {
  try {
    return readFields(message);
  } catch (thrown) {
    if (thrown instanceof MalformedMessage) throw invalidArgument(`malformed ModelInferRequest: ${thrown.message}`);
    throw thrown;
  }
}

function readFields(message: Buffer): InferRequest {
  const reader = new FieldReader(message);
  const declared: DeclaredInput[] = [];
  const raw: Buffer[] = [];
  const outputs: string[] = [];
  let id = '';
  while (reader.next()) {
    if (reader.field === 3) id = reader.text();
    else if (reader.field === 4) refuseReservedParameter(reader.message());
    else if (reader.field === 5) declared.push(readInput(reader.message()));
    else if (reader.field === 6) outputs.push(readOutputName(reader.message()));
    else if (reader.field === 7) raw.push(reader.content());
  }
  return { id, outputs, inputs: tensorsOf(declared, raw) };
}

function readInput(reader: FieldReader): DeclaredInput {
  const input: DeclaredInput = { name: '', datatype: '', shape: [], contents: undefined };
  while (reader.next()) {
    if (reader.field === 1) input.name = reader.text();
    else if (reader.field === 2) input.datatype = reader.text();
    else if (reader.field === 3) for (const size of reader.packedInt64()) input.shape.push(Number(size));
    else if (reader.field === 5) {
      // A message field that occurs twice is merged: its repeated fields follow each other.
      input.contents =
        input.contents === undefined ? reader.content() : Buffer.concat([input.contents, reader.content()]);
    }
  }
  return input;
}

function readOutputName(reader: FieldReader): string {
  let name = '';
  while (reader.next()) if (reader.field === 1) name = reader.text();
  return name;
}

/** `triton_*` parameters are reserved; its C++ client sends one of them with every request. */
function refuseReservedParameter(entry: FieldReader): void {
  while (entry.next()) {
    if (entry.field !== 1) continue;
    const key = entry.text();
    if (key.startsWith('triton_') && key !== 'triton_enable_empty_final_response') {
      throw invalidArgument(`parameter '${key}' is reserved`);
    }
  }
}

function tensorsOf(declared: readonly DeclaredInput[], raw: readonly Buffer[]): TensorMap {
  const typed = declared.filter((input) => input.contents !== undefined);
  if (raw.length > 0 && typed.length > 0) {
    throw invalidArgument(`contents of input '${typed[0]?.name}' must not be given together with raw_input_contents`);
  }
  if (raw.length > 0 && raw.length !== declared.length) {
    throw invalidArgument(
      `expected ${declared.length} entries of raw_input_contents, one for each input, but got ${raw.length}`,
    );
  }
  const tensors: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  for (const [index, input] of declared.entries()) {
    if (input.name in tensors) throw invalidArgument(`input '${input.name}' is given twice`);
    tensors[input.name] = tensorOf(input, raw[index]);
  }
  return tensors;
}

function tensorOf(input: DeclaredInput, raw: Buffer | undefined): Tensor {
  const { name, datatype, shape } = input;
  if (!isDatatype(datatype)) throw invalidArgument(`input '${name}' has unknown datatype '${datatype}'`);
  const bad = shape.find((size) => !(Number.isSafeInteger(size) && size >= 0));
  if (bad !== undefined) throw invalidArgument(`input '${name}' has a negative size in its shape [${shape.join(',')}]`);
  if (!Number.isSafeInteger(elementCount(shape)))
    throw invalidArgument(`input '${name}' has too large a shape [${shape.join(',')}]`);
  if (raw === undefined) return readTypedContents({ name, datatype, shape }, input.contents ?? Buffer.alloc(0));
  return fitting(name, datatype, () => decodeRaw(datatype, shape, raw));
}

function fitting(name: string, datatype: Datatype, decode: () => Tensor): Tensor {
  try {
    return decode();
  } catch (thrown) {
    if (!(thrown instanceof RawSizeError)) throw thrown;
    const { expected, got } = thrown;
    const what = datatype === 'BYTES' ? 'input data does not fit the shape' : 'input byte size mismatch';
    throw new WeftError('INVALID_ARGUMENT', `${what} for input '${name}'. Expected ${expected}, got ${got}`);
  }
}
