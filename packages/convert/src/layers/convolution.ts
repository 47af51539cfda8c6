// Convolutions over one or two spatial axes: plain, depthwise and separable. Keras keeps a kernel as
// [...window, channels in, channels out], ONNX as [channels out, channels in of a group, ...window].
import type { GraphTensor } from '../graph-tensor.ts';
import { type EmitLayer, type LayerCall, onlyInput, weightOf } from '../layer-call.ts';
import { booleanOf, layerError, numberOf, requireChannelsLast } from '../layer-config.ts';
import { permute } from '../permute.ts';
import type { Weight } from '../weights.ts';
import { activate } from './activation.ts';
import { readWindow, type Window, windowAttributes, windowOutput } from './window.ts';

/** A convolution to emit; `role` is the kernel's name among the layer's weights, `kernel` in ONNX's order. */
interface Convolution {
  readonly window: Window;
  readonly groups: number;
  readonly role: string;
  readonly kernel: Weight;
  readonly bias: boolean;
}

const emitConv =
  (spatialAxes: number): EmitLayer =>
  (call) => {
    requireChannelsLast(call.layer);
    const x = onlyInput(call, spatialAxes + 2);
    const window = readWindow(call.layer, 'kernel_size', spatialAxes);
    const stored = weightOf(call, 'kernel', spatialAxes + 2);
    const groups = numberOf(call.layer, 'groups', 1);
    const bias = booleanOf(call.layer, 'use_bias', true);
    const kernel = permute(stored, [spatialAxes + 1, spatialAxes, ...axes(spatialAxes)]);
    return activate(convolve(call, x, { window, groups, role: 'kernel', kernel, bias }), call);
  };

export const emitConv1D = emitConv(1);
export const emitConv2D = emitConv(2);

export const emitDepthwiseConv2D: EmitLayer = (call) => {
  requireChannelsLast(call.layer);
  const window = readWindow(call.layer, 'kernel_size', 2);
  // TensorFlow.js takes a dilation here and computes without it: neither answer would be the right one.
  if (window.dilations.some((dilation) => dilation !== 1))
    throw layerError(call.layer, 'a dilation_rate is not supported');
  const bias = booleanOf(call.layer, 'use_bias', true);
  return activate(depthwise(call, window, bias), call);
};

export const emitSeparableConv2D: EmitLayer = (call) => {
  requireChannelsLast(call.layer);
  const window = readWindow(call.layer, 'kernel_size', 2);
  const x = depthwise(call, window, false);
  const kernel = permute(weightOf(call, 'pointwise_kernel', 4), [3, 2, 0, 1]);
  const bias = booleanOf(call.layer, 'use_bias', true);
  const point: Window = { sizes: [1, 1], strides: [1, 1], dilations: [1, 1], padding: 'valid' };
  return activate(convolve(call, x, { window: point, groups: 1, role: 'pointwise_kernel', kernel, bias }), call);
};

/** Kernel [h, w, channels, multiplier]: channel c makes the results c · multiplier … of a group of its own. */
function depthwise(call: LayerCall, window: Window, bias: boolean): GraphTensor {
  const stored = weightOf(call, 'depthwise_kernel', 4);
  const { shape, values } = permute(stored, [2, 3, 0, 1]);
  const [channels = 0, multiplier = 0, height = 0, width = 0] = shape;
  const kernel = { shape: [channels * multiplier, 1, height, width], values };
  return convolve(call, onlyInput(call, 4), { window, groups: channels, role: 'depthwise_kernel', kernel, bias });
}

function convolve(call: LayerCall, input: GraphTensor, convolution: Convolution): GraphTensor {
  const { graph, scope, layer } = call;
  const { window, groups, role, kernel, bias } = convolution;
  const x = graph.channelsFirst(input);
  const [channelsOut = 0, channelsOfGroup = 0, ...sizes] = kernel.shape;
  const channelsIn = x.shape.at(-1);
  if (channelsIn !== null && channelsIn !== channelsOfGroup * groups)
    throw layerError(layer, `${role} is for ${channelsOfGroup * groups} channels, not ${channelsIn}`);
  if (sizes.some((size, axis) => size !== window.sizes[axis])) throw layerError(layer, `${role} is not of kernel_size`);
  const inputs = [x, graph.weight(`${scope}/${role}`, () => kernel)];
  if (bias) inputs.push(graph.weight(`${scope}/bias`, () => weightOf(call, 'bias', 1)));
  const attributes = {
    ...windowAttributes(layer, window, x.shape),
    dilations: { ints: window.dilations },
    group: { int: groups },
  };
  const shape = [x.shape[0] ?? null, ...windowOutput(window, x.shape), channelsOut];
  const name = role === 'depthwise_kernel' ? `${scope}/depthwise` : scope;
  return graph.node('Conv', inputs, { name, shape, layout: 'channels-first', attributes });
}

/** The transposed kernel is [h, w, channels out, channels in]; TensorFlow.js knows no dilation and no output padding of it. */
export const emitConv2DTranspose: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  requireChannelsLast(layer);
  const { sizes, strides, dilations, padding } = readWindow(layer, 'kernel_size', 2);
  if (dilations.some((dilation) => dilation !== 1)) throw layerError(layer, 'a dilation_rate is not supported');
  if (layer.config['output_padding'] != null) throw layerError(layer, 'an output_padding is not supported');
  const x = graph.channelsFirst(onlyInput(call, 4));
  const kernel = permute(weightOf(call, 'kernel', 4), [3, 2, 0, 1]);
  const inputs = [x, graph.weight(`${scope}/kernel`, () => kernel)];
  if (booleanOf(layer, 'use_bias', true)) inputs.push(graph.weight(`${scope}/bias`, () => weightOf(call, 'bias', 1)));
  // What the window reaches beyond the stride is cut off for 'same', the smaller half in front, and kept for 'valid'.
  const overlaps = sizes.map((size, axis) => size - (strides[axis] ?? 1));
  const cut = padding === 'same' ? overlaps.map((overlap) => Math.max(overlap, 0)) : [0, 0];
  const attributes = {
    strides: { ints: strides },
    pads: { ints: [...cut.map((size) => Math.floor(size / 2)), ...cut.map((size) => Math.ceil(size / 2))] },
    output_padding: { ints: overlaps.map((overlap) => Math.max(-overlap, 0)) },
  };
  const spatial = overlaps.map((overlap, axis) => {
    const size = x.shape[axis + 1] ?? null;
    return size === null ? null : size * (strides[axis] ?? 1) + Math.max(overlap, 0) - (cut[axis] ?? 0);
  });
  const shape = [x.shape[0] ?? null, ...spatial, kernel.shape[1] ?? null];
  return activate(
    graph.node('ConvTranspose', inputs, { name: scope, shape, layout: 'channels-first', attributes }),
    call,
  );
};

function axes(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
