// Normalization with what training learned (batch) or over the values of each position (layer).
import { type EmitLayer, type LayerCall, onlyInput, weightOf } from '../layer-call.ts';
import { booleanOf, integersOf, layerError, numberOf } from '../layer-config.ts';

/** Keras writes the axis as a number or as a list of one. TensorFlow.js computes along another than the last wrongly. */
function requireLastAxis(call: LayerCall, rank: number): void {
  const axes = integersOf(call.layer, 'axis') ?? [-1];
  if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== rank - 1))
    throw layerError(call.layer, 'an axis other than the last is not supported');
}

/** ONNX normalizes along place 1, where the channels of a channels-first tensor are. */
export const emitBatchNormalization: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  const input = onlyInput(call, 2, 3, 4);
  requireLastAxis(call, input.shape.length);
  const x = input.shape.length === 2 ? input : graph.channelsFirst(input);
  const mean = weightOf(call, 'moving_mean', 1);
  const constant = (value: number) => ({ shape: mean.shape, values: new Float32Array(mean.values.length).fill(value) });
  const scale = booleanOf(layer, 'scale', true) ? weightOf(call, 'gamma', 1) : constant(1);
  const offset = booleanOf(layer, 'center', true) ? weightOf(call, 'beta', 1) : constant(0);
  const variance = weightOf(call, 'moving_variance', 1);
  const weights = Object.entries({ gamma: scale, beta: offset, moving_mean: mean, moving_variance: variance });
  const names = weights.map(([name, weight]) => graph.weight(`${scope}/${name}`, () => weight));
  const attributes = { epsilon: { float: numberOf(layer, 'epsilon', 1e-3) } };
  return graph.node('BatchNormalization', [x, ...names], { ...x, name: scope, attributes });
};

export const emitLayerNormalization: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  const x = graph.kerasLayout(onlyInput(call));
  const rank = x.shape.length;
  requireLastAxis(call, rank);
  const size = x.shape.at(-1) ?? null;
  if (size === null) throw layerError(layer, 'the last axis needs a fixed size');
  const ones = () => ({ shape: [size], values: new Float32Array(size).fill(1) });
  const scale = graph.weight(`${scope}/gamma`, () =>
    booleanOf(layer, 'scale', true) ? weightOf(call, 'gamma', 1) : ones(),
  );
  const inputs = [scale];
  if (booleanOf(layer, 'center', true)) inputs.push(graph.weight(`${scope}/beta`, () => weightOf(call, 'beta', 1)));
  const attributes = { epsilon: { float: numberOf(layer, 'epsilon', 1e-3) } };
  return graph.node('LayerNormalization', [x, ...inputs], { ...x, name: scope, attributes });
};
