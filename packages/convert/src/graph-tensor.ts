// A tensor of the graph being built. Keras thinks of images as [n, height, width, channels], ONNX computes on
// [n, channels, height, width]. So a tensor has its shape in Keras's order, always, and says in which order ONNX holds
// its axes; layers speak of Keras axes and let onnxAxis() find them.

/** null stands for any size. */
export type Size = number | null;

export interface GraphTensor {
  readonly name: string;
  /** In Keras's order of axes. */
  readonly shape: readonly Size[];
  /** How ONNX holds it: 'keras' as the shape says; 'channels-first' with the last axis moved to place 1 (three axes or more). */
  readonly layout: 'keras' | 'channels-first';
  readonly datatype: 'FP32' | 'INT32' | 'BOOL';
}

/** The place in ONNX of a Keras axis; a negative axis counts from the end. */
export function onnxAxis(tensor: GraphTensor, kerasAxis: number): number {
  const rank = tensor.shape.length;
  const axis = kerasAxis < 0 ? kerasAxis + rank : kerasAxis;
  if (tensor.layout === 'keras' || axis === 0) return axis;
  return axis === rank - 1 ? 1 : axis + 1;
}

/** Which Keras axis stands at each place when the channels go first: [0, 3, 1, 2] of four. */
export function channelsFirstOrder(rank: number): number[] {
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  return [0, rank - 1, ...spatial];
}

/** The way back: [0, 2, 3, 1] of four. */
export function channelsLastOrder(rank: number): number[] {
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  return [0, ...spatial, 1];
}

export function scaleSize(size: Size | undefined, factor: number): Size {
  return size === null || size === undefined ? null : size * factor;
}
