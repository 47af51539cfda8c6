// A layers model's structure as the converter sees it, whatever form the JSON had (see parse-topology.ts).

/** A tensor inside a model: output `tensor` of the call number `node` of a layer. */
export interface TensorReference {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

export interface Layer {
  readonly className: string;
  readonly name: string;
  /** Settings as in the JSON: snake_case keys, unchecked (see layer-config.ts). */
  readonly config: Readonly<Record<string, unknown>>;
  /** One entry for each call of the layer; a shared layer has several. */
  readonly calls: readonly (readonly TensorReference[])[];
  /** The model inside, when the layer is itself a model. */
  readonly model?: Topology;
}

export interface Topology {
  readonly layers: readonly Layer[];
  /** Names of the InputLayers, in the order in which a caller passes tensors. */
  readonly inputs: readonly string[];
  readonly outputs: readonly TensorReference[];
}
