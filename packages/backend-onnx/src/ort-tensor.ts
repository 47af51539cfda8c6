// Tensors to and from onnxruntime's own. Both hold typed arrays of the same kinds, so nothing is copied but strings.
import { invalidArgument } from '@weft/errors';
import { type BytesElements, type Datatype, stringTensor, type Tensor, type TypedArray } from '@weft/tensor';
import { Tensor as OrtTensor } from 'onnxruntime-node';

type OrtType = OrtTensor.Type;

const ortTypes: Readonly<Partial<Record<Datatype, OrtType>>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
};

const datatypes = new Map(Object.entries(ortTypes).map(([datatype, type]) => [type, datatype as Datatype]));

/** Undefined for the 4-bit integers, which the protocol does not have. */
export function datatypeOf(type: OrtType): Datatype | undefined {
  return datatypes.get(type);
}

/** `name` is for the message when a string cannot pass. */
export function toOrt(name: string, { datatype, shape, elements }: Tensor): OrtTensor {
  const type = ortTypes[datatype];
  if (type === undefined) throw invalidArgument(`input '${name}': onnxruntime takes no ${datatype} from Node`);
  if (type === 'string') return new OrtTensor('string', readStrings(name, elements as BytesElements), shape);
  return new OrtTensor(type as 'float32', elements as Float32Array, shape);
}

export function fromOrt(result: OrtTensor): Tensor {
  const datatype = datatypeOf(result.type);
  if (datatype === undefined) throw new TypeError(`onnxruntime gave a tensor of type ${result.type}`);
  if (datatype === 'BYTES') return stringTensor(result.dims, result.data as string[]);
  const elements = result.data as TypedArray;
  return { datatype, shape: result.dims, elements: datatype === 'FP16' ? bitPatterns(elements) : elements };
}

/** Newer versions of Node have a Float16Array, and then onnxruntime gives that; a tensor holds the 16-bit patterns. */
function bitPatterns(array: TypedArray): Uint16Array {
  return array instanceof Uint16Array
    ? array
    : new Uint16Array(array.buffer as ArrayBuffer, array.byteOffset, array.length);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * onnxruntime's binding for Node takes text only: it would replace what is not UTF-8, and cut a string off at its
 * first NUL. Neither may happen unsaid.
 */
function readStrings(name: string, elements: BytesElements): string[] {
  return elements.map((bytes, index) => {
    if (bytes.includes(0))
      throw invalidArgument(`input '${name}': element ${index} holds a NUL, which onnxruntime cannot take`);
    try {
      return utf8.decode(bytes);
    } catch {
      throw invalidArgument(
        `input '${name}': element ${index} is not UTF-8 text, and onnxruntime takes no other bytes`,
      );
    }
  });
}
