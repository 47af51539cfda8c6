// InferTensorContents: the typed form of a tensor's data. Small integers share wider fields; FP16 and BF16 have none.
import { invalidArgument } from '@weft/errors';
import { type Datatype, datatypes, elementCount, type FixedDatatype, type Tensor } from '@weft/tensor';
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

function readContents({ name, datatype, shape, contents }: GivenInput): Tensor {
  const expectedField = contentFields[datatype];
  const count = elementCount(shape);
  const values: (number | bigint)[] = [];
  const strings: Buffer[] = [];
  const reader = new FieldReader(contents ?? nothing);
  while (reader.next()) {
    if (reader.field !== expectedField) {
      const hint =
        expectedField === 0
          ? `${datatype} travels in raw_input_contents only`
          : `contents are not of datatype ${datatype}`;
      throw invalidArgument(`input '${name}': ${hint}`);
    }
    if (datatype === 'BYTES') strings.push(reader.content());
    else readNumbers(reader, datatype, values);
  }
  const got = datatype === 'BYTES' ? strings.length : values.length;
  if (got !== count)
    throw invalidArgument(`input '${name}' has ${got} elements, but its shape [${shape.join(',')}] asks for ${count}`);
  if (datatype === 'BYTES') return { datatype, shape, elements: strings };
  return { datatype, shape, elements: numbersAs(datatype, values) };
}

const nothing = Buffer.alloc(0);

function readNumbers(reader: FieldReader, datatype: FixedDatatype, values: (number | bigint)[]): void {
  if (datatype === 'FP32' || datatype === 'FP64') {
    const size = datatype === 'FP32' ? 4 : 8;
    const { bytes, start, end } = reader;
    if ((end - start) % size !== 0) throw invalidArgument('malformed ModelInferRequest: truncated contents');
    for (let at = start; at < end; at += size) values.push(size === 4 ? bytes.readFloatLE(at) : bytes.readDoubleLE(at));
  } else for (const value of reader.packedInt64()) values.push(value);
}

function numbersAs(datatype: FixedDatatype, values: readonly (number | bigint)[]): Tensor['elements'] {
  switch (datatype) {
    case 'INT64':
      return BigInt64Array.from(values as bigint[]);
    case 'UINT64':
      return BigUint64Array.from((values as bigint[]).map((value) => BigInt.asUintN(64, value)));
    default:
      return datatypes[datatype].array.from(values.map(Number) as never) as Tensor['elements'];
  }
}
