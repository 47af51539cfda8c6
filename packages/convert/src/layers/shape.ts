// Layers that rearrange elements. They count elements in Keras's order, so their input comes in that order.
import type { Size } from '../graph-tensor.ts';
import { type EmitLayer, onlyInput } from '../layer-call.ts';
import { choiceOf, integersOf, layerError } from '../layer-config.ts';

export const emitFlatten: EmitLayer = (call) => {
  choiceOf(call.layer, 'data_format', ['channels_last']);
  const x = call.graph.kerasLayout(onlyInput(call));
  const [batch = null, ...sizes] = x.shape;
  return call.graph.node('Flatten', [x], { ...x, name: call.scope, shape: [batch, product(sizes)] });
};

export const emitReshape: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  const x = graph.kerasLayout(onlyInput(call));
  const target = targetShape(layer.config['target_shape']);
  if (target === undefined) throw layerError(layer, 'target_shape is not a shape with at most one open size');
  const [batch = null, ...sizes] = x.shape;
  const total = product(sizes);
  const known = target.reduce((count, size) => (size === -1 ? count : count * size), 1);
  const open = total === null ? null : total / known;
  if (open !== null && (!Number.isInteger(open) || (open !== 1 && !target.includes(-1)))) {
    throw layerError(layer, `${total} values do not fit into [${target.join(', ')}]`);
  }
  const shape = [batch, ...target.map((size) => (size === -1 ? open : size))];
  // In ONNX's Reshape a 0 keeps the input's size at that place: here the batch, whatever it is.
  return graph.node('Reshape', [x, graph.integers([0, ...target])], { ...x, name: scope, shape });
};

export const emitPermute: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  const x = graph.kerasLayout(onlyInput(call));
  const dims = integersOf(layer, 'dims') ?? [];
  const expected = x.shape.slice(1).map((_, i) => i + 1);
  if ([...dims].sort((a, b) => a - b).join() !== expected.join())
    throw layerError(layer, `dims [${dims.join(', ')}] is no order of the axes`);
  const order = [0, ...dims];
  const shape = order.map((axis) => x.shape[axis] ?? null);
  return graph.node('Transpose', [x], { ...x, name: scope, shape, attributes: { perm: { ints: order } } });
};

/** Open sizes are −1 or null in the JSON; −1 here. */
function targetShape(json: unknown): readonly number[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const shape = json.map((size: unknown) => (size === null || (typeof size === 'number' && size < 0) ? -1 : size));
  const valid = shape.every(
    (size): size is number => size === -1 || (Number.isSafeInteger(size) && (size as number) > 0),
  );
  return valid && shape.filter((size) => size === -1).length <= 1 ? shape : undefined;
}

function product(sizes: readonly Size[]): Size {
  return sizes.reduce<Size>((total, size) => (total === null || size === null ? null : total * size), 1);
}
