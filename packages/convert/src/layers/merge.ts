// Layers that make one tensor of several. Their inputs first come to one order of axes: channels first as soon as one
// of them has it, since it then lies between convolutions.
import { type GraphTensor, onnxAxis, type Size } from '../graph-tensor.ts';
import type { EmitLayer, LayerCall } from '../layer-call.ts';
import { integersOf, layerError } from '../layer-config.ts';

/** Element by element; sizes of 1 stretch. `variadic` operators take all inputs at once, others two at a time. */
export function emitMerge(operator: string, variadic: boolean): EmitLayer {
  return (call) => {
    const { graph, scope } = call;
    const inputs = alike(call);
    const shape = inputs.map((input) => input.shape).reduce((a, b) => broadcast(call, a, b));
    const layout = inputs[0]?.layout ?? 'keras';
    const merge = (tensors: readonly GraphTensor[]) => graph.node(operator, tensors, { name: scope, shape, layout });
    return variadic ? merge(inputs) : inputs.reduce((a, b) => merge([a, b]));
  };
}

export const emitConcatenate: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  const inputs = alike(call);
  const [first] = inputs;
  const rank = first?.shape.length ?? 0;
  const [axis = -1] = integersOf(layer, 'axis') ?? [];
  if (first === undefined || axis < -rank || axis >= rank) throw layerError(layer, 'this axis is not supported');
  const position = axis < 0 ? axis + rank : axis;
  const shape = first.shape.map((size, i) =>
    i === position ? sum(inputs.map((input) => input.shape[i] ?? null)) : size,
  );
  const attributes = { axis: { int: onnxAxis(first, axis) } };
  return graph.node('Concat', inputs, { name: scope, shape, layout: first.layout, attributes });
};

function alike(call: LayerCall): GraphTensor[] {
  const { inputs, graph, layer } = call;
  if (inputs.length < 2) throw layerError(layer, `takes two inputs or more, not ${inputs.length}`);
  if (new Set(inputs.map((input) => input.shape.length)).size > 1) {
    throw layerError(layer, 'inputs with different numbers of axes are not supported');
  }
  const moved = inputs.some((input) => input.layout === 'channels-first');
  return moved ? inputs.map((input) => graph.channelsFirst(input)) : [...inputs];
}

function broadcast(call: LayerCall, a: readonly Size[], b: readonly Size[]): Size[] {
  return a.map((size, axis) => {
    const other = b[axis] ?? null;
    if (size === 1) return other;
    if (other === 1 || other === size) return size;
    if (size !== null && other !== null)
      throw layerError(call.layer, `inputs [${a.join(', ')}] and [${b.join(', ')}] do not fit`);
    return size ?? other;
  });
}

function sum(sizes: readonly Size[]): Size {
  return sizes.reduce((total, size) => (total === null || size === null ? null : total + size));
}
