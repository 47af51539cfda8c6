// Models that several tests load.
import { authorGraph, authorLayers, entry, float, placeholder } from './author-model.ts';

/** Inputs `a`, `b` [-1,3]; `sum` = a + b, `weighted` = a × (1, 10, 100), and inside, `inner/difference` = a − b. */
export function authorArithmetic(): Promise<string> {
  return authorGraph({
    nodes: [
      placeholder('a', 'DT_FLOAT', [-1, 3]),
      placeholder('b', 'DT_FLOAT', [-1, 3]),
      { name: 'inner/sum', op: 'AddV2', input: ['a', 'b'], attr: float },
      { name: 'inner/weighted', op: 'Mul', input: ['a', 'weight'], attr: float },
      { name: 'inner/difference', op: 'Sub', input: ['a', 'b'], attr: float },
    ],
    signature: {
      inputs: { a: entry('a:0', 'DT_FLOAT', [-1, 3]), b: entry('b:0', 'DT_FLOAT', [-1, 3]) },
      outputs: {
        sum: entry('inner/sum:0', 'DT_FLOAT', [-1, 3]),
        weighted: entry('inner/weighted:0', 'DT_FLOAT', [-1, 3]),
      },
    },
    weights: [{ name: 'weight', shape: [3], values: [1, 10, 100] }],
  });
}

/** Input `text` BYTES [-1], output `same`. */
export function authorStrings(): Promise<string> {
  return authorGraph({
    nodes: [
      placeholder('text', 'DT_STRING', [-1]),
      { name: 'same', op: 'Identity', input: ['text'], attr: { T: { type: 'DT_STRING' } } },
    ],
    signature: {
      inputs: { text: entry('text:0', 'DT_STRING', [-1]) },
      outputs: { same: entry('same:0', 'DT_STRING', [-1]) },
    },
  });
}

/** Layers: input `x` [-1,2]; `dense` = 2·x₀ + 3·x₁ + 1, `damped` = half of it, both [-1,1]. */
export function authorDense(): Promise<string> {
  return authorLayers({
    layers: [
      inputLayer('x', [null, 2]),
      {
        class_name: 'Dense',
        name: 'dense',
        config: { units: 1, activation: 'linear', use_bias: true, name: 'dense' },
        inbound_nodes: [[['x', 0, 0, {}]]],
      },
      {
        class_name: 'MultiplyBeta',
        name: 'damped',
        config: { beta: 0.5, name: 'damped' },
        inbound_nodes: [[['dense', 0, 0, {}]]],
      },
    ],
    inputs: ['x'],
    outputs: ['dense', 'damped'],
    weights: [
      { name: 'dense/kernel', shape: [2, 1], values: [2, 3] },
      { name: 'dense/bias', shape: [1], values: [1] },
    ],
  });
}

export function inputLayer(name: string, shape: readonly (number | null)[]): object {
  const config = { batch_input_shape: shape, dtype: 'float32', name };
  return { class_name: 'InputLayer', name, config, inbound_nodes: [] };
}
