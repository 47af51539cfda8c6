// A ModelInferRequest whose tensors lie in shared memory becomes one that carries them, and the other way round for its response. Only
// what speaks of shared memory is written anew; everything else of the messages stays as it was sent.
import { invalidArgument, WeftError } from '@weft/errors';
import { bytesFieldSize, FieldReader, FieldWriter, textFieldSize, varintFieldSize } from '@weft/rpc';
import type { RegionPart, SharedMemory } from './shared-memory.ts';

export interface CarriedRequest {
  readonly payload: Buffer;
  /** Where outputs are to be written, by their names. */
  readonly outputs: ReadonlyMap<string, RegionPart>;
}

/** undefined: nothing of it lies in shared memory. Throws INVALID_ARGUMENT for a region that cannot be read. */
export function carryInputs(payload: Buffer, memory: SharedMemory, maxBytes: number): CarriedRequest | undefined {
  const reader = new FieldReader(payload);
  const kept: Buffer[] = [];
  const raw: Buffer[] = [];
  const inputs: (RegionPart | undefined)[] = [];
  const outputs = new Map<string, RegionPart>();
  let from = 0;
  while (reader.next()) {
    const { field } = reader;
    if (field === 7) raw.push(reader.content());
    else if (field === 5 || field === 6) {
      const tensor = readTensor(reader.content(), field === 5 ? 4 : 2);
      if (field === 5) inputs.push(tensor.part);
      else if (tensor.part !== undefined) outputs.set(tensor.name, tensor.part);
      kept.push(tensor.part === undefined ? payload.subarray(from, reader.end) : fieldOf(field, tensor.rest));
    } else kept.push(payload.subarray(from, reader.end));
    from = reader.end;
  }
  const parts = inputs.filter((part) => part !== undefined);
  if (parts.length === 0 && outputs.size === 0) return undefined;
  if (parts.reduce((sum, { byteSize }) => sum + byteSize, 0) > maxBytes)
    throw new WeftError('RESOURCE_EXHAUSTED', `the inputs in shared memory have more than ${maxBytes} bytes`);
  // Inputs that lie there have no entry: the others follow each other.
  const given = raw[Symbol.iterator]();
  const contents =
    parts.length === 0
      ? raw
      : inputs.flatMap((part) => (part === undefined ? (given.next().value ?? []) : memory.read(part)));
  const left = parts.length === 0 ? [] : [...given];
  const entries = [...contents, ...left].flatMap((content) => [tagOf(7, content.length), content]);
  return { payload: Buffer.concat([...kept, ...entries]), outputs };
}

/** The response with these outputs in their regions; its raw entries of them are empty. */
export function placeOutputs(
  response: Uint8Array,
  outputs: ReadonlyMap<string, RegionPart>,
  memory: SharedMemory,
): Buffer {
  const bytes = Buffer.from(response.buffer, response.byteOffset, response.byteLength);
  const reader = new FieldReader(bytes);
  const kept: Buffer[] = [];
  const raw: Buffer[] = [];
  const names: string[] = [];
  let from = 0;
  while (reader.next()) {
    if (reader.field === 6) raw.push(reader.content());
    else kept.push(bytes.subarray(from, reader.end));
    if (reader.field === 5) {
      const { name } = readTensor(reader.content(), 4);
      const part = outputs.get(name);
      names.push(name);
      if (part !== undefined) kept[kept.length - 1] = fieldOf(5, [reader.content(), ...parametersOf(part)]);
    }
    from = reader.end;
  }
  const entries = raw.flatMap((content, at) => {
    const name = names[at] ?? '';
    const part = outputs.get(name);
    if (part === undefined) return [tagOf(6, content.length), content];
    if (content.length > part.byteSize)
      throw invalidArgument(
        `shared memory size specified with the request for output '${name}' (${part.byteSize} bytes) should be at least ${content.length} bytes to hold the results`,
      );
    memory.write(part, content);
    return [tagOf(6, 0)];
  });
  return Buffer.concat([...kept, ...entries]);
}

interface Tensor {
  readonly name: string;
  readonly part: RegionPart | undefined;
  /** The message without the parameters that speak of shared memory. */
  readonly rest: readonly Buffer[];
}

function readTensor(message: Buffer, parametersField: number): Tensor {
  const reader = new FieldReader(message);
  const rest: Buffer[] = [];
  let name = '';
  let region: string | undefined;
  const numbers = { shared_memory_offset: 0, shared_memory_byte_size: 0 };
  let from = 0;
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    const entry = reader.field === parametersField ? readParameter(reader.message()) : undefined;
    if (entry?.key === 'shared_memory_region') region = entry.text;
    else if (entry !== undefined && Object.hasOwn(numbers, entry.key))
      numbers[entry.key as keyof typeof numbers] = entry.number;
    else rest.push(message.subarray(from, reader.end));
    from = reader.end;
  }
  const { shared_memory_offset: offset, shared_memory_byte_size: byteSize } = numbers;
  if (region === undefined) return { name, part: undefined, rest };
  for (const [key, value] of Object.entries(numbers))
    if (!(Number.isSafeInteger(value) && value >= 0)) throw invalidArgument(`'${key}' of '${name}' is no size`);
  return { name, part: { region, offset, byteSize }, rest };
}

function readParameter(entry: FieldReader): { readonly key: string; readonly text: string; readonly number: number } {
  let key = '';
  let text = '';
  let number = 0;
  while (entry.next()) {
    if (entry.field === 1) key = entry.text();
    else if (entry.field === 2) {
      const value = entry.message();
      while (value.next()) {
        if (value.field === 3) text = value.text();
        else if (value.field === 2 || value.field === 5) number = Number(BigInt.asIntN(64, value.varint64()));
      }
    }
  }
  return { key, text, number };
}

function parametersOf({ region, offset, byteSize }: RegionPart): Buffer[] {
  const textValue = new FieldWriter(textFieldSize(region));
  textValue.textField(3, region);
  return [
    parameter('shared_memory_region', textValue.bytes),
    parameter('shared_memory_byte_size', integer(byteSize)),
    ...(offset === 0 ? [] : [parameter('shared_memory_offset', integer(offset))]),
  ];
}

function integer(value: number): Buffer {
  const out = new FieldWriter(varintFieldSize(value));
  out.varintField(2, value);
  return out.bytes;
}

function parameter(key: string, value: Buffer): Buffer {
  const size = textFieldSize(key) + bytesFieldSize(value.length);
  const out = new FieldWriter(bytesFieldSize(size));
  out.open(4, size);
  out.textField(1, key);
  out.bytesField(2, value);
  return out.bytes;
}

function fieldOf(field: number, content: readonly Buffer[]): Buffer {
  const size = content.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([tagOf(field, size), ...content]);
}

function tagOf(field: number, size: number): Buffer {
  const out = new FieldWriter(bytesFieldSize(size) - size);
  out.open(field, size);
  return out.bytes;
}
