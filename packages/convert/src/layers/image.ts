// Layers that change an image's size without weights.
import { type GraphTensor, scaleSize, type Size } from '../graph-tensor.ts';
import { type EmitLayer, type LayerCall, onlyInput } from '../layer-call.ts';
import { borderOf, choiceOf, layerError, numberOf, requireChannelsLast, sizesOf } from '../layer-config.ts';

/** The input with its channels first, and its sizes by name. */
function image(call: LayerCall): { x: GraphTensor; batch: Size; height: Size; width: Size; channels: Size } {
  requireChannelsLast(call.layer);
  const x = call.graph.channelsFirst(onlyInput(call, 4));
  const [batch = null, height = null, width = null, channels = null] = x.shape;
  return { x, batch, height, width, channels };
}

/** TensorFlow.js samples at row · (1 / factor), without the half-pixel shift of Keras on TensorFlow 2: so does this. */
export const emitUpSampling2D: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  const { x, batch, height, width, channels } = image(call);
  const [down = 1, across = 1] = sizesOf(layer, 'size', [2, 2]);
  const nearest = choiceOf(layer, 'interpolation', ['nearest', 'bilinear']) === 'nearest';
  const factors = graph.weight(`factors/${down},${across}`, () => ({
    shape: [4],
    values: Float32Array.of(1, 1, down, across),
  }));
  const attributes = {
    mode: { string: nearest ? 'nearest' : 'linear' },
    coordinate_transformation_mode: { string: 'asymmetric' },
    nearest_mode: { string: 'floor' },
  };
  const shape = [batch, scaleSize(height, down), scaleSize(width, across), channels];
  return graph.node('Resize', [x, '', factors], { name: scope, shape, layout: 'channels-first', attributes });
};

export const emitZeroPadding2D: EmitLayer = (call) => {
  const { graph, scope } = call;
  const { x, batch, height, width, channels } = image(call);
  const { top, bottom, left, right } = borderOf(call.layer, 'padding', 1);
  const shape = [batch, grow(height, top + bottom), grow(width, left + right), channels];
  const pads = graph.integers([0, 0, top, left, 0, 0, bottom, right]);
  return graph.node('Pad', [x, pads], { name: scope, shape, layout: 'channels-first' });
};

export const emitCropping2D: EmitLayer = (call) => {
  const { graph, scope } = call;
  const { x, batch, height, width, channels } = image(call);
  const { top, bottom, left, right } = borderOf(call.layer, 'cropping', 0);
  const shape = [batch, grow(height, -top - bottom), grow(width, -left - right), channels];
  // An end counts from the back where it is negative; where nothing is cut there, it lies beyond any image.
  const end = (cut: number) => (cut === 0 ? 2 ** 31 - 1 : -cut);
  const inputs = [x, graph.integers([top, left]), graph.integers([end(bottom), end(right)]), graph.integers([2, 3])];
  return graph.node('Slice', inputs, { name: scope, shape, layout: 'channels-first' });
};

/**
 * The sub-pixel layer of super-resolution networks (arXiv 1609.05158), a custom layer of theirs: "PixelShuffle" with a
 * setting "scale", or "PixelShuffle4x" and the like. It is TensorFlow's depthToSpace: channel (dy · scale + dx) · C + c
 * goes to row offset dy, column offset dx and channel c, which is what ONNX calls DCR.
 */
export const emitPixelShuffle: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  const { x, batch, height, width, channels } = image(call);
  const scale = numberOf(layer, 'scale', Number(/\d+/.exec(layer.className)?.[0] ?? Number.NaN));
  const depth = channels === null ? null : channels / scale ** 2;
  if (!Number.isInteger(scale) || scale < 1 || !Number.isInteger(depth))
    throw layerError(layer, `${channels} channels cannot be shuffled by ${scale}`);
  const shape = [batch, scaleSize(height, scale), scaleSize(width, scale), depth];
  const attributes = { blocksize: { int: scale }, mode: { string: 'DCR' } };
  return graph.node('DepthToSpace', [x], { name: scope, shape, layout: 'channels-first', attributes });
};

function grow(size: Size, by: number): Size {
  return size === null ? null : size + by;
}
