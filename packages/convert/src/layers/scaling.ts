// Layers that multiply and shift by constants from their settings.
import type { GraphTensor } from '../graph-tensor.ts';
import { type EmitLayer, type LayerCall, onlyInput } from '../layer-call.ts';
import { numberOf } from '../layer-config.ts';
import { onnxElementType } from '../onnx-datatype.ts';

export const emitRescaling: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  const x = floats(call);
  const scaled = graph.elementwise('Mul', [x, graph.scalar(numberOf(layer, 'scale', 1))], scope);
  const offset = numberOf(layer, 'offset', 0);
  return offset === 0 ? scaled : graph.elementwise('Add', [scaled, graph.scalar(offset)], `${scope}/Add`);
};

/** The input as FP32: pixels may come as integers. */
function floats(call: LayerCall): GraphTensor {
  const x = onlyInput(call);
  if (x.datatype === 'FP32') return x;
  const attributes = { to: { int: onnxElementType('FP32') } };
  return call.graph.node('Cast', [x], { ...x, name: `${call.scope}/Cast`, datatype: 'FP32', attributes });
}

/** The residual scaling of ESRGAN (arXiv 1809.00219), a custom layer of super-resolution networks: x · beta. */
export const emitMultiplyBeta: EmitLayer = (call) =>
  call.graph.elementwise('Mul', [onlyInput(call), call.graph.scalar(numberOf(call.layer, 'beta', 0.2))], call.scope);
