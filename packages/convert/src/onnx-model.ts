// An ONNX graph as plain objects, and short constructors for them. The converter builds its result from these; tests
// anywhere in the project author their small models with them (see encode-model.ts for the bytes):
//
//   encodeModel({
//     inputs: [onnxValue('x', 'FP32', ['batch', 3])],
//     outputs: [onnxValue('y', 'FP32', ['batch', 3])],
//     initializers: [onnxTensor('one', { datatype: 'FP32', shape: [], elements: [1] })],
//     nodes: [onnxNode('Add', { inputs: ['x', 'one'], outputs: ['y'] })],
//   })
import {
  type BytesElements,
  type Datatype,
  datatypes,
  elementCount,
  encodeRaw,
  type FixedDatatype,
  type TypedArray,
} from '@weft/tensor';

/** A graph's input or output. A size of −1 is any size; a name is any size, the same wherever the name stands. */
export interface OnnxValue {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly (number | string)[];
}

export interface OnnxTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** Raw little-endian bytes; of BYTES, those of each element; or where they lie, a file beside the model. */
  readonly content: Uint8Array | readonly Uint8Array[] | ExternalContent;
}

export interface ExternalContent {
  readonly location: string;
  readonly offset?: number;
  readonly length?: number;
}

/** An attribute says its kind, because 1 alone could be an integer or a float. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly tensor: OnnxTensor }
  | { readonly graph: OnnxGraph };

export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>;

export interface NodeParts {
  /** An empty name is an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: OnnxAttributes;
}

export interface OnnxNode extends Required<NodeParts> {
  readonly operator: string;
  readonly name: string;
}

export interface OnnxGraph {
  readonly name?: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** In an order in which every node comes after the nodes it reads from. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers?: readonly OnnxTensor[];
}

export function onnxValue(name: string, datatype: Datatype, shape: readonly (number | string)[]): OnnxValue {
  return { name, datatype, shape };
}

export function onnxNode(operator: string, node: NodeParts): OnnxNode {
  const { inputs, outputs, attributes = {} } = node;
  return { operator, inputs, outputs, attributes, name: outputs[0] ?? operator };
}

export interface TensorParts {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** As in a Tensor; or numbers (bigints for 64-bit integers too); or text for BYTES. */
  readonly elements: TypedArray | BytesElements | readonly (number | bigint)[] | readonly string[];
}

/** A constant of the graph. A Tensor will do. */
export function onnxTensor(name: string, { datatype, shape, elements }: TensorParts): OnnxTensor {
  if (elements.length !== elementCount(shape)) {
    throw new RangeError(`tensor ${name}: ${elements.length} elements do not fill the shape [${shape.join(', ')}]`);
  }
  const content =
    datatype === 'BYTES'
      ? Array.from(elements as readonly (string | Uint8Array)[], (element) => Buffer.from(element as string))
      : rawBytes(datatype, shape, elements as TypedArray | readonly number[]);
  return { name, datatype, shape, content };
}

/** A constant whose elements lie in a file beside the model. */
export function externalOnnxTensor(
  name: string,
  tensor: Omit<TensorParts, 'elements'>,
  content: ExternalContent,
): OnnxTensor {
  return { ...tensor, name, content };
}

function rawBytes(
  datatype: FixedDatatype,
  shape: readonly number[],
  elements: TypedArray | readonly number[],
): Uint8Array {
  const { array } = datatypes[datatype];
  if (elements instanceof array) return encodeRaw({ datatype, shape, elements });
  if (!Array.isArray(elements)) throw new TypeError(`elements of ${datatype} come as ${array.name} or as numbers`);
  const wide = array === BigInt64Array || array === BigUint64Array;
  const typed = wide
    ? array.from((elements as number[]).map(BigInt))
    : (array as typeof Float32Array).from(elements as number[]);
  return encodeRaw({ datatype, shape, elements: typed });
}
