// The window that convolutions and poolings slide over the spatial axes.
import type { Size } from '../graph-tensor.ts';
import type { Layer } from '../layer.ts';
import { choiceOf, layerError, sizesOf } from '../layer-config.ts';
import type { OnnxAttributes } from '../onnx-model.ts';

export interface Window {
  /** One entry for each spatial axis, here and below. */
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: 'valid' | 'same';
}

/** `sizeKey`: the setting that holds the sizes. Convolutions step by 1 unless told, poolings by their size. */
export function readWindow(layer: Layer, sizeKey: 'kernel_size' | 'pool_size', spatialAxes: number): Window {
  const ones = new Array<number>(spatialAxes).fill(1);
  const sizes = sizesOf(layer, sizeKey, new Array<number>(spatialAxes).fill(2));
  const strides = sizesOf(layer, 'strides', sizeKey === 'pool_size' ? sizes : ones);
  const dilations = sizesOf(layer, 'dilation_rate', ones);
  const padding = choiceOf(layer, 'padding', ['valid', 'same']);
  if (strides.some((stride) => stride !== 1) && dilations.some((dilation) => dilation !== 1)) {
    throw layerError(layer, 'strides together with a dilation_rate are not supported');
  }
  return { sizes, strides, dilations, padding };
}

/**
 * 'same' gives ⌈size / stride⌉ results, with the larger half of the padding at the end. The padding is written out where
 * it is known (runtimes are quicker with it, and allow it with dilations): where stride or window are 1 it does not depend
 * on the size. Else the runtime finds it, except that its poolings fail on strides beyond the window.
 * `shape`: the input's, in Keras's order.
 */
export function windowAttributes(layer: Layer, window: Window, shape: readonly Size[]): OnnxAttributes {
  const { sizes, strides, padding } = window;
  const steps: OnnxAttributes = { kernel_shape: { ints: sizes }, strides: { ints: strides } };
  if (padding === 'valid') return steps;
  const total = sizes.map((_, axis) => samePadding(window, axis, shape[axis + 1] ?? null));
  if (total.every((size) => size !== null)) {
    const pads = [...total.map((size) => Math.floor(size / 2)), ...total.map((size) => Math.ceil(size / 2))];
    return { ...steps, pads: { ints: pads } };
  }
  if (sizes.some((size, axis) => size < (strides[axis] ?? 1))) {
    throw layerError(layer, 'padding "same" with strides beyond the window needs an input of fixed size');
  }
  return { ...steps, auto_pad: { string: 'SAME_UPPER' } };
}

function samePadding(window: Window, axis: number, size: Size): Size {
  const stride = window.strides[axis] ?? 1;
  const reach = ((window.sizes[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1;
  if (stride === 1 || reach === 1) return reach - 1;
  return size === null ? null : Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
}

/** The spatial sizes of the result, for an input of this shape (Keras's order). */
export function windowOutput(window: Window, shape: readonly Size[]): Size[] {
  return window.sizes.map((size, axis) => {
    const input = shape[axis + 1] ?? null;
    if (input === null) return null;
    const stride = window.strides[axis] ?? 1;
    const reach = window.padding === 'same' ? 0 : (size - 1) * (window.dilations[axis] ?? 1);
    return Math.ceil((input - reach) / stride);
  });
}
