// Converts a model's layers in an order in which every layer comes after those it reads from. A nested model is
// converted in place, once for each call of it, with its input layers standing for the tensors that it is called on.
import { WeftError } from '@weft/errors';
import { emitterOf } from './emit-layer.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { GraphTensor } from './graph-tensor.ts';
import type { Layer, TensorReference, Topology } from './layer.ts';
import { layerError } from './layer-config.ts';
import type { FindWeight } from './weights.ts';

export interface EmitContext {
  readonly graph: GraphBuilder;
  readonly findWeight: FindWeight;
  /** Names of the models around, outermost first; empty for the whole model. */
  readonly path: readonly string[];
}

/** One call of a layer that waits for its inputs. */
interface Pending {
  readonly layer: Layer;
  readonly node: number;
  readonly from: readonly TensorReference[];
}

/** `inputs` in the order of the topology's; the result in the order of its outputs. */
export function emitModel(topology: Topology, inputs: readonly GraphTensor[], context: EmitContext): GraphTensor[] {
  const layers = new Map(topology.layers.map((layer) => [layer.name, layer]));
  if (inputs.length !== topology.inputs.length) {
    throw new WeftError(
      'INVALID_ARGUMENT',
      `a model with ${topology.inputs.length} inputs is called on ${inputs.length}`,
    );
  }
  const done = new Map<string, readonly GraphTensor[]>();
  for (const [index, name] of topology.inputs.entries()) done.set(key(name, 0), inputs.slice(index, index + 1));

  const firstNode = firstNodes(topology);
  const find = ({ layer, node, tensor }: TensorReference) =>
    done.get(key(layer, node - (firstNode.get(layer) ?? 0)))?.[tensor];
  let pending: Pending[] = topology.layers.flatMap((layer) => layer.calls.map((from, node) => ({ layer, node, from })));
  while (pending.length > 0) {
    const waiting: Pending[] = [];
    for (const call of pending) {
      const tensors = call.from.map(find).filter((tensor) => tensor !== undefined);
      if (tensors.length < call.from.length) waiting.push(call);
      else done.set(key(call.layer.name, call.node), emitCall(call.layer, tensors, context));
    }
    if (waiting.length === pending.length) throw unconnected(waiting, layers, context);
    pending = waiting;
  }
  return topology.outputs.map((reference) => {
    const tensor = find(reference);
    if (tensor === undefined)
      throw new WeftError('INVALID_ARGUMENT', `the model's output "${reference.layer}" does not exist`);
    return tensor;
  });
}

function emitCall(layer: Layer, inputs: readonly GraphTensor[], context: EmitContext): readonly GraphTensor[] {
  const { graph, findWeight } = context;
  const path = [...context.path, layer.name];
  if (layer.model !== undefined) return emitModel(layer.model, inputs, { graph, findWeight, path });
  const emit = emitterOf(layer.className);
  if (emit === undefined)
    throw new WeftError('UNIMPLEMENTED', `layers that cannot be converted: ${layer.className} "${layer.name}"`);
  return [emit({ layer, inputs, graph, scope: path.join('/'), findWeight: (weight) => findWeight(path, weight) })];
}

/**
 * The number that references give to a layer's first call. It is 0, but writers differ for nested models: for most,
 * 0 is the model's own inside and calls count from 1. Every call is referred to, the last one too, so that shows.
 */
function firstNodes(topology: Topology): Map<string, number> {
  const calls = topology.layers.flatMap((layer) => layer.calls.flat());
  const last = new Map<string, number>();
  for (const { layer, node } of [...calls, ...topology.outputs]) last.set(layer, Math.max(node, last.get(layer) ?? 0));
  const nested = topology.layers.filter((layer) => layer.model !== undefined && layer.calls.length > 0);
  return new Map(nested.map((layer) => [layer.name, last.get(layer.name) === layer.calls.length ? 1 : 0]));
}

function unconnected(waiting: readonly Pending[], layers: ReadonlyMap<string, Layer>, context: EmitContext): WeftError {
  const [call] = waiting;
  const missing = call?.from.find(({ layer }) => !layers.has(layer));
  if (call !== undefined && missing !== undefined)
    return layerError(call.layer, `reads from a layer "${missing.layer}" that does not exist`);
  const names = waiting.map(({ layer }) => `"${layer.name}"`).join(', ');
  return new WeftError(
    'INVALID_ARGUMENT',
    `${['the model', ...context.path].join('/')}: layers are not connected to an input: ${names}`,
  );
}

function key(layer: string, node: number): string {
  return `${node}/${layer}`;
}
