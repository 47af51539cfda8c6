// Collects the nodes and weights of an ONNX graph while layers are converted. It gives every tensor a name of its own,
// stores a weight once however often its layer is called, and transposes a tensor at most once in each direction: a
// model that is convolutional throughout has one Transpose at its entry and one at its exit.
import { channelsFirstOrder, channelsLastOrder, type GraphTensor } from './graph-tensor.ts';
import { type OnnxAttributes, type OnnxNode, type OnnxTensor, onnxNode, onnxTensor } from './onnx-model.ts';
import type { Weight } from './weights.ts';

/** What is known of a node's result; its name is the one wanted, its datatype FP32 unless said. */
export interface NodeResult extends Omit<GraphTensor, 'datatype'> {
  readonly datatype?: GraphTensor['datatype'];
  /** Of the node. */
  readonly attributes?: OnnxAttributes;
}

/** An input of a node: a tensor, or the name of an initializer ('' for an optional input left out). */
export type NodeInput = GraphTensor | string;

export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxTensor>();
  readonly #names: Set<string>;
  /** The same tensor in the other layout, by name. */
  readonly #transposed = new Map<string, GraphTensor>();

  /** `reserved`: names that the graph's inputs and outputs keep for themselves. */
  constructor(reserved: Iterable<string>) {
    this.#names = new Set(reserved);
  }

  get initializers(): OnnxTensor[] {
    return [...this.#initializers.values()];
  }

  /** Adds a node with one result. */
  node(operator: string, inputs: readonly NodeInput[], result: NodeResult): GraphTensor {
    const { shape, layout, datatype = 'FP32', attributes = {} } = result;
    const name = this.#uniqueName(result.name);
    const names = inputs.map((input) => (typeof input === 'string' ? input : input.name));
    this.nodes.push(onnxNode(operator, { inputs: names, outputs: [name], attributes }));
    return { name, shape, layout, datatype };
  }

  /** A node that keeps its first input's shape and layout. */
  elementwise(operator: string, inputs: readonly [GraphTensor, ...NodeInput[]], name: string): GraphTensor {
    return this.node(operator, inputs, { ...inputs[0], name });
  }

  /** Stores a weight under a key of its layer, once; gives back its name in the graph. `weight` is asked only the first time. */
  weight(key: string, weight: () => Weight): string {
    return this.#initializer(key, () => {
      const { shape, values } = weight();
      return onnxTensor(key, { datatype: 'FP32', shape, elements: values });
    });
  }

  /** A number as a scalar. */
  scalar(value: number): string {
    const key = `scalar/${value}`;
    return this.#initializer(key, () => onnxTensor(key, { datatype: 'FP32', shape: [], elements: [value] }));
  }

  /** A list of 64-bit integers. */
  integers(values: readonly number[]): string {
    const key = `integers/${values.join(',')}`;
    return this.#initializer(key, () =>
      onnxTensor(key, { datatype: 'INT64', shape: [values.length], elements: values }),
    );
  }

  channelsFirst(tensor: GraphTensor): GraphTensor {
    if (tensor.layout === 'channels-first') return tensor;
    return this.#transpose(tensor, 'channels-first', channelsFirstOrder(tensor.shape.length));
  }

  kerasLayout(tensor: GraphTensor): GraphTensor {
    if (tensor.layout === 'keras') return tensor;
    return this.#transpose(tensor, 'keras', channelsLastOrder(tensor.shape.length));
  }

  /** Names a tensor as one of the graph's outputs, in Keras's order of axes. The name was reserved for it. */
  output(tensor: GraphTensor, name: string): void {
    const operator = tensor.layout === 'keras' ? 'Identity' : 'Transpose';
    const attributes: OnnxAttributes =
      tensor.layout === 'keras' ? {} : { perm: { ints: channelsLastOrder(tensor.shape.length) } };
    this.nodes.push(onnxNode(operator, { inputs: [tensor.name], outputs: [name], attributes }));
  }

  #transpose(tensor: GraphTensor, layout: GraphTensor['layout'], order: readonly number[]): GraphTensor {
    const known = this.#transposed.get(tensor.name);
    if (known !== undefined) return known;
    const name = `${tensor.name}/${layout}`;
    const result = this.node('Transpose', [tensor], { ...tensor, name, layout, attributes: { perm: { ints: order } } });
    this.#transposed.set(tensor.name, result);
    this.#transposed.set(result.name, tensor);
    return result;
  }

  #initializer(key: string, create: () => OnnxTensor): string {
    const known = this.#initializers.get(key);
    if (known !== undefined) return known.name;
    const initializer = { ...create(), name: this.#uniqueName(key) };
    this.#initializers.set(key, initializer);
    return initializer.name;
  }

  #uniqueName(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }
}
