// Fully connected layers. Over more than two axes the last one is the vector, as in Keras.
import { type EmitLayer, onlyInput, weightOf } from '../layer-call.ts';
import { booleanOf, layerError } from '../layer-config.ts';
import { activate } from './activation.ts';

export const emitDense: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  const x = graph.kerasLayout(onlyInput(call));
  if (x.shape.length < 2) throw layerError(layer, 'an input with one axis is not supported');
  const kernel = weightOf(call, 'kernel', 2);
  const size = x.shape.at(-1) ?? null;
  if (size !== null && size !== kernel.shape[0])
    throw layerError(layer, `kernel is for ${kernel.shape[0]} values, not ${size}`);
  const shape = [...x.shape.slice(0, -1), kernel.shape[1] ?? null];
  const weight = graph.weight(`${scope}/kernel`, () => kernel);
  const product = graph.node('MatMul', [x, weight], { name: scope, shape, layout: 'keras' });
  if (!booleanOf(layer, 'use_bias', true)) return activate(product, call);
  const bias = graph.weight(`${scope}/bias`, () => weightOf(call, 'bias', 1));
  return activate(graph.elementwise('Add', [product, bias], `${scope}/Add`), call);
};
