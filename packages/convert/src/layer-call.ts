// What a layer's converter is given for one call of the layer, and what it gives back.
import type { GraphBuilder } from './graph-builder.ts';
import type { GraphTensor } from './graph-tensor.ts';
import type { Layer } from './layer.ts';
import { layerError } from './layer-config.ts';
import type { Weight } from './weights.ts';

export interface LayerCall {
  readonly layer: Layer;
  readonly inputs: readonly GraphTensor[];
  readonly graph: GraphBuilder;
  /** The layer's name with those of the models around it, unique in the model: what it adds to the graph is named after it. */
  readonly scope: string;
  /** A weight of the layer; undefined when the model has none of this name. */
  readonly findWeight: (name: string) => Weight | undefined;
}

/** Adds a layer's nodes to the graph; gives back its result. */
export type EmitLayer = (call: LayerCall) => GraphTensor;

/** The input of a layer that takes one tensor, of one of these numbers of axes (any, if none is given). */
export function onlyInput(call: LayerCall, ...ranks: readonly number[]): GraphTensor {
  const [input, ...others] = call.inputs;
  if (input === undefined || others.length > 0)
    throw layerError(call.layer, `takes one input, not ${call.inputs.length}`);
  const rank = input.shape.length;
  if (ranks.length > 0 && !ranks.includes(rank))
    throw layerError(call.layer, `an input with ${rank} axes is not supported`);
  return input;
}

/** A weight that has to be there, with so many axes. */
export function weightOf(call: LayerCall, name: string, rank: number): Weight {
  const weight = call.findWeight(name);
  if (weight === undefined) throw layerError(call.layer, `the model has no weight ${name} for it`);
  if (weight.shape.length !== rank)
    throw layerError(call.layer, `weight ${name} has ${weight.shape.length} axes, not ${rank}`);
  return weight;
}
