// A ModelInferRequest read from its bytes: tensors keep the protocol's form, their elements stay slices of the message. A decoder
// would copy every tensor and lose the 64-bit integers.
import { invalidArgument } from '@weft/errors';
import { datatypes, elementCount, isDatatype } from '@weft/tensor';
import { FieldReader } from '../wire/read.ts';
import type { TensorHead } from './given-tensor.ts';
import { type DeclaredTensor, readDeclaredTensor } from './declared-tensor.ts';
import { refusingMalformed } from './refusing-malformed.ts';

/** An input as the request has it: with its elements in one of the two forms. */
export interface GivenInput extends TensorHead {
  /** Of raw_input_contents; undefined when the typed form was used. Of the size that the shape asks for, unless it is BYTES. */
  readonly raw: Buffer | undefined;
  /** The InferTensorContents message; undefined when there is none. */
  readonly contents: Buffer | undefined;
}

export interface GivenRequest {
  /** The client's own name for the request. */
  readonly id: string;
  readonly inputs: readonly GivenInput[];
  /** Names of the outputs asked for; empty means all. */
  readonly outputs: readonly string[];
  /** Outputs of which so many classes are asked for instead. */
  readonly classes: ReadonlyMap<string, number>;
  /** Entries of the map of parameters, as they were sent. */
  readonly parameters: readonly Buffer[];
}

/** Throws INVALID_ARGUMENT for a message that is malformed or whose tensors do not hold what they declare. */
export function readInferRequest(message: Buffer): GivenRequest {
  return refusingMalformed(() => readFields(message));
}

function readFields(message: Buffer): GivenRequest {
  const reader = new FieldReader(message);
  const declared: DeclaredTensor[] = [];
  const raw: Buffer[] = [];
  // Each once: who asks a thousand times for an output gets it once.
  const outputs = new Set<string>();
  const classes = new Map<string, number>();
  const parameters: Buffer[] = [];
  let id = '';
  let model: Buffer | undefined;
  while (reader.next()) {
    if (reader.field === 1) model = reader.content();
    else if (reader.field === 3) id = reader.text();
    else if (reader.field === 4) {
      refuseReservedParameter(reader.message());
      parameters.push(reader.content());
    } else if (reader.field === 5) declared.push(readDeclaredTensor(reader.message(), refuseInputRegion));
    else if (reader.field === 6) outputs.add(readOutput(reader.message(), classes));
    else if (reader.field === 7) raw.push(reader.content());
  }
  return { id, outputs: [...outputs], classes, parameters, inputs: inputsOf(declared, raw, model) };
}

/** Its name; into `classes` goes how many classes of it are asked for. */
function readOutput(reader: FieldReader, classes: Map<string, number>): string {
  let name = '';
  let count = 0;
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) {
      refuseSharedMemory(reader.message(), 'output');
      count = classCount(reader.message()) ?? count;
    }
  }
  if (count > 0) classes.set(name, count);
  return name;
}

const refuseInputRegion = (entry: FieldReader): void => refuseSharedMemory(entry, 'input');

/** Who offers shared memory has put the tensors into the request before it is read here. */
function refuseSharedMemory(entry: FieldReader, what: 'input' | 'output'): void {
  while (entry.next()) {
    if (entry.field !== 1 || !entry.text().startsWith('shared_memory_')) continue;
    throw invalidArgument(
      `an ${what} lies in shared memory, which is not offered here: a service may offer it to clients on its own host (--system-shared-memory)`,
    );
  }
}

/** The value of the parameter `classification`, undefined for another one. */
function classCount(entry: FieldReader): number | undefined {
  let key = '';
  let count: number | undefined;
  while (entry.next()) {
    if (entry.field === 1) key = entry.text();
    else if (entry.field === 2) {
      const parameter = entry.message();
      // int64_param = 2.
      while (parameter.next())
        count = parameter.field === 2 ? Number(BigInt.asIntN(64, parameter.varint64())) : undefined;
    }
  }
  if (key !== 'classification') return undefined;
  if (count === undefined || count < 0)
    throw invalidArgument("output parameter 'classification' must be an int64_param that is not negative");
  return count;
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

/** `model`: its name, for people. */
function inputsOf(
  declared: readonly DeclaredTensor[],
  raw: readonly Buffer[],
  model: Buffer | undefined,
): GivenInput[] {
  const typed = declared.filter((input) => input.contents !== undefined);
  if (raw.length > 0 && typed.length > 0) {
    throw invalidArgument(`contents of input '${typed[0]?.name}' must not be given together with raw_input_contents`);
  }
  if (raw.length > 0 && raw.length !== declared.length) {
    throw invalidArgument(
      `expected ${declared.length} entries of raw_input_contents, one for each input, but got ${raw.length}`,
    );
  }
  const names = new Set<string>();
  return declared.map((input, index) => {
    if (names.has(input.name)) throw invalidArgument(`input '${input.name}' is given twice`);
    names.add(input.name);
    return checked(input, raw[index], model);
  });
}

function checked(input: DeclaredTensor, raw: Buffer | undefined, model: Buffer | undefined): GivenInput {
  const { name, datatype, shape, contents } = input;
  if (!isDatatype(datatype)) throw invalidArgument(`input '${name}' has unknown datatype '${datatype}'`);
  if (shape.some((size) => size < 0))
    throw invalidArgument(`input '${name}' has a negative size in its shape [${shape.join(',')}]`);
  const count = elementCount(shape);
  if (![...shape, count].every(Number.isSafeInteger))
    throw invalidArgument(`input '${name}' has too large a shape [${shape.join(',')}]`);
  const expected = datatype === 'BYTES' ? raw?.length : count * datatypes[datatype].byteSize;
  if (raw !== undefined && raw.length !== expected) {
    throw invalidArgument(
      `input byte size mismatch for input '${name}' for model '${model?.toString() ?? ''}'. Expected ${expected}, got ${raw.length}`,
    );
  }
  return { name, datatype, shape, raw, contents };
}
