// InferTensorContents: the typed form of a tensor's data. Small integers share wider fields; FP16 and BF16 have none.
import { invalidArgument } from '@weft/errors';
import { type Datatype, datatypes, elementCount, type FixedDatatype, type Tensor, type TypedArray } from '@weft/tensor';
import { FieldReader } from '../wire/read.ts';
import { refusingMalformed } from './refusing-malformed.ts';
import type { GivenInput } from './read-infer-request.ts';

/** The field that carries each datatype. */
const contentFields: Readonly<Record<Datatype, number>> = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
  FP16: 0,
  BF16: 0,
};

/** Throws INVALID_ARGUMENT when the contents are of another datatype or do not fill the shape. */
export function readTypedContents(input: GivenInput): Tensor {
  return refusingMalformed(() => readContents(input));
}

function readContents(input: GivenInput): Tensor {
  const { datatype, shape } = input;
  if (datatype === 'BYTES') return { datatype, shape, elements: readStrings(input) };
  return { datatype, shape, elements: readNumbers(input, datatype) };
}

const nothing = Buffer.alloc(0);

function readStrings(input: GivenInput): Buffer[] {
  const strings: Buffer[] = [];
  const reader = new FieldReader(input.contents ?? nothing);
  while (reader.next()) {
    requireField(reader, input);
    strings.push(reader.content());
  }
  requireCount(input, strings.length);
  return strings;
}

/** Straight into the tensor: lists of numbers on the way would take ten times the memory of the message. */
function readNumbers(input: GivenInput, datatype: FixedDatatype): TypedArray {
  const { array, byteSize } = datatypes[datatype];
  const count = elementCount(input.shape);
  const contents = input.contents ?? nothing;
  const isFloat = datatype === 'FP32' || datatype === 'FP64';
  // Each takes a byte at least: what claims more is refused below, by what there is.
  const elements = new array(Math.min(count, contents.length));
  const put = isFloat ? undefined : integerWriter(input, elements, datatype);
  let got = 0;
  const reader = new FieldReader(contents);
  while (reader.next()) {
    requireField(reader, input);
    if (put !== undefined) got = reader.eachPackedVarint(got, put);
    else got += copyFloats(reader, { elements, at: got, byteSize });
  }
  requireCount(input, got);
  return elements;
}

/** Their number. */
function copyFloats(
  { bytes, start, end }: FieldReader,
  { elements, at, byteSize }: { readonly elements: TypedArray; readonly at: number; readonly byteSize: number },
): number {
  if ((end - start) % byteSize !== 0) throw invalidArgument('malformed ModelInferRequest: truncated contents');
  const whole = Math.min(end, start + Math.max(elements.length - at, 0) * byteSize);
  bytes.copy(Buffer.from(elements.buffer), at * byteSize, start, whole);
  return (end - start) / byteSize;
}

/** Takes the bits of each, and refuses those that the datatype has no room for. */
function integerWriter(
  { name }: GivenInput,
  elements: TypedArray,
  datatype: FixedDatatype,
): (bits: { readonly low: number; readonly high: number }, at: number) => void {
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    const halves = new Uint32Array(elements.buffer);
    return ({ low, high }, at) => {
      if (at >= elements.length) return;
      halves[2 * at] = low;
      halves[2 * at + 1] = high;
    };
  }
  const numbers = elements as Exclude<TypedArray, BigInt64Array | BigUint64Array>;
  const signed = datatype.startsWith('INT');
  return ({ low, high }, at) => {
    if (at >= numbers.length) return;
    // As decoders do: any bit makes a truth, and numbers of 32 bits are the lower half.
    const value = datatype === 'BOOL' ? Number((low | high) !== 0) : signed ? low | 0 : low;
    numbers[at] = value;
    if (numbers[at] !== value) throw invalidArgument(`input '${name}': element ${at} is not of datatype ${datatype}`);
  };
}

function requireField(reader: FieldReader, { name, datatype }: GivenInput): void {
  const expected = contentFields[datatype];
  if (reader.field === expected) return;
  const hint =
    expected === 0 ? `${datatype} travels in raw_input_contents only` : `contents are not of datatype ${datatype}`;
  throw invalidArgument(`input '${name}': ${hint}`);
}

function requireCount({ name, shape }: GivenInput, got: number): void {
  const count = elementCount(shape);
  if (got !== count)
    throw invalidArgument(`input '${name}' has ${got} elements, but its shape [${shape.join(',')}] asks for ${count}`);
}
