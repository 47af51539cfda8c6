// What a graph says of its inputs and outputs: in its signature, else in its Placeholder nodes and in the nodes whose
// result no other node takes. Sizes and types are TensorFlow's protobuf as JSON, where numbers may be text.
import type { io } from '@tensorflow/tfjs-core';
import { invalidArgument } from '@weft/errors';
import type { Datatype, TensorSpec } from '@weft/tensor';

export interface GraphInterface {
  readonly inputs: readonly TensorSpec[];
  /** An empty shape is a scalar's, or one of which the file says nothing. */
  readonly outputs: readonly TensorSpec[];
  readonly nodeNames: ReadonlySet<string>;
  /** Other names of the inputs: those of their nodes. */
  readonly inputNames: ReadonlyMap<string, string>;
}

interface Shape {
  readonly dim?: readonly { readonly size?: string | number }[];
}

interface Node {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<
    Record<
      string,
      { readonly type?: string | number; readonly shape?: Shape; readonly list?: { readonly shape?: readonly Shape[] } }
    >
  >;
}

interface SignatureEntry {
  readonly name: string;
  readonly dtype?: string | number;
  readonly tensorShape?: Shape;
  /** Present on tensors that the model feeds to itself, as hash tables. */
  readonly resourceId?: unknown;
}

type Signature = Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, SignatureEntry>> | undefined>>;

/** Throws INVALID_ARGUMENT when an input is of a type that cannot be sent; outputs of such types are left out. */
export function readGraphInterface(artifacts: io.ModelArtifacts): GraphInterface {
  const { node: nodes } = artifacts.modelTopology as { readonly node: readonly Node[] };
  const metadata = artifacts.userDefinedMetadata as { readonly signature?: Signature } | undefined;
  const signature = (metadata?.signature ?? artifacts.signature) as Signature | undefined;
  const inputs = entriesOf(signature?.inputs);
  const outputs = entriesOf(signature?.outputs);
  return {
    inputs: (inputs.length > 0 ? inputs.map(specOfEntry) : nodes.filter(isPlaceholder).map(specOfNode)).map(required),
    outputs: (outputs.length > 0 ? outputs.map(specOfEntry) : leavesOf(nodes).map(specOfNode)).filter(isKnown),
    nodeNames: new Set(nodes.map((node) => node.name)),
    inputNames: new Map(
      inputs.flatMap(([key, { name }]) => [name, name.replace(/:0$/, '')].map((other) => [other, key])),
    ),
  };
}

type Spec = Omit<TensorSpec, 'datatype'> & { readonly datatype: Datatype | undefined };

function isKnown(spec: Spec): spec is TensorSpec {
  return spec.datatype !== undefined;
}

function required(spec: Spec): TensorSpec {
  if (isKnown(spec)) return spec;
  throw invalidArgument(`the model's input '${spec.name}' is of a type that cannot be sent`);
}

function entriesOf(
  entries: Readonly<Record<string, SignatureEntry>> | undefined,
): (readonly [string, SignatureEntry])[] {
  return Object.entries(entries ?? {}).filter(([, entry]) => entry.resourceId === undefined);
}

function isPlaceholder(node: Node): boolean {
  return node.op.startsWith('Placeholder');
}

function leavesOf(nodes: readonly Node[]): readonly Node[] {
  const read = new Set(
    nodes.flatMap((node) => (node.input ?? []).map((input) => input.replace(/^\^/, '').replace(/:\d+$/, ''))),
  );
  return nodes.filter((node) => !read.has(node.name));
}

function specOfEntry([name, { dtype, tensorShape }]: readonly [string, SignatureEntry]): Spec {
  return { name, datatype: datatypesOfTensorFlow.get(dtype), shape: sizesOf(tensorShape) };
}

function specOfNode({ name, op, attr = {} }: Node): Spec {
  const shape = attr['shape']?.shape ?? attr['_output_shapes']?.list?.shape?.[0];
  return { name, datatype: resultOf(op, attr), shape: sizesOf(shape) };
}

/** The type of a node's result stands under a name that depends on the operator; comparisons say only what they compare. */
function resultOf(operator: string, attr: NonNullable<Node['attr']>): Datatype | undefined {
  if (/^(?:Equal|NotEqual|Less|LessEqual|Greater|GreaterEqual|Logical\w+|IsNan|IsInf|IsFinite)$/.test(operator))
    return 'BOOL';
  const type = ['DstT', 'output_type', 'out_type', 'dtype', 'T']
    .map((key) => attr[key]?.type)
    .find((value) => value !== undefined);
  return datatypesOfTensorFlow.get(type ?? 'DT_FLOAT');
}

function sizesOf(shape: Shape | undefined): readonly number[] {
  return (shape?.dim ?? []).map(({ size }) => Math.max(Number(size ?? 0), -1));
}

/** By name and by number in TensorFlow's DataType. TensorFlow.js computes with each as with one of its own four types. */
const datatypesOfTensorFlow: ReadonlyMap<unknown, Datatype> = new Map<unknown, Datatype>([
  ...['DT_FLOAT', 1, 'DT_DOUBLE', 2, 'DT_HALF', 19].map((type) => [type, 'FP32'] as const),
  ...['DT_INT32', 3, 'DT_UINT8', 4, 'DT_INT8', 6, 'DT_INT64', 9].map((type) => [type, 'INT32'] as const),
  ...['DT_STRING', 7].map((type) => [type, 'BYTES'] as const),
  ...['DT_BOOL', 10].map((type) => [type, 'BOOL'] as const),
]);
