// Reorders the axes of a weight: Keras keeps a kernel's channels last, ONNX first.
import type { Weight } from './weights.ts';

/** The weight with axis `order[i]` of the original as its axis i. */
export function permute(weight: Weight, order: readonly number[]): Weight {
  const shape = order.map((axis) => weight.shape[axis] ?? 0);
  const strides = order.map((axis) => weight.shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const values = new Float32Array(weight.values.length);
  const index = new Array<number>(shape.length).fill(0);
  let source = 0;
  for (let target = 0; target < values.length; target++) {
    values[target] = weight.values[source] ?? 0;
    // Counts up like an odometer, the last axis first, and moves the source along.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      source += stride;
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next;
      if (next < (shape[axis] ?? 0)) break;
      index[axis] = 0;
      source -= stride * next;
    }
  }
  return { shape, values };
}
