// Pooling over windows and over whole images. Padding counts in neither the maximum nor the mean, in Keras as in ONNX.
import { type EmitLayer, onlyInput } from '../layer-call.ts';
import { booleanOf, requireChannelsLast } from '../layer-config.ts';
import { readWindow, windowAttributes, windowOutput } from './window.ts';

export function emitPooling(operator: 'MaxPool' | 'AveragePool', spatialAxes: number): EmitLayer {
  return (call) => {
    const { layer, graph, scope } = call;
    requireChannelsLast(layer);
    const x = graph.channelsFirst(onlyInput(call, spatialAxes + 2));
    const window = readWindow(layer, 'pool_size', spatialAxes);
    const shape = [x.shape[0] ?? null, ...windowOutput(window, x.shape), x.shape.at(-1) ?? null];
    const attributes = windowAttributes(layer, window, x.shape);
    return graph.node(operator, [x], { name: scope, shape, layout: 'channels-first', attributes });
  };
}

export function emitGlobalPooling(operator: 'GlobalMaxPool' | 'GlobalAveragePool', spatialAxes: number): EmitLayer {
  return (call) => {
    const { layer, graph, scope } = call;
    requireChannelsLast(layer);
    const x = graph.channelsFirst(onlyInput(call, spatialAxes + 2));
    const [batch = null] = x.shape;
    const channels = x.shape.at(-1) ?? null;
    const ones = new Array<number>(spatialAxes).fill(1);
    const shape = [batch, ...ones, channels];
    const pooled = graph.node(operator, [x], { name: scope, shape, layout: 'channels-first' });
    if (booleanOf(layer, 'keepdims', false)) return pooled;
    return graph.node('Flatten', [pooled], { name: `${scope}/Flatten`, shape: [batch, channels], layout: 'keras' });
  };
}
