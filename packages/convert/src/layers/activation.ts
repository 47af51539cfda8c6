// Activation functions: by name in a layer's "activation" setting, and as layers of their own. The constants are those
// of TensorFlow.js, where ONNX has others for the same name.
import { onnxAxis, type GraphTensor } from '../graph-tensor.ts';
import { type EmitLayer, type LayerCall, onlyInput, weightOf } from '../layer-call.ts';
import { integersOf, layerError, numberOf } from '../layer-config.ts';
import { permute } from '../permute.ts';

type Activate = (x: GraphTensor, call: LayerCall) => GraphTensor;

/** An activation that one ONNX operator computes with its default constants. */
function single(operator: string): Activate {
  return (x, { graph, scope }) => graph.elementwise(operator, [x], `${scope}/${operator}`);
}

function softmax(operator: string): Activate {
  return (x, { graph, scope }) =>
    graph.node(operator, [x], { ...x, name: `${scope}/${operator}`, attributes: { axis: { int: onnxAxis(x, -1) } } });
}

/** x · gate(x) */
function gated(gate: Activate): Activate {
  return (x, call) => call.graph.elementwise('Mul', [x, gate(x, call)], `${call.scope}/gated`);
}

const relu6: Activate = (x, { graph, scope }) =>
  graph.elementwise('Clip', [x, graph.scalar(0), graph.scalar(6)], `${scope}/Clip`);

/** The normal distribution's share below x: ½ (1 + erf(x / √2)) */
const normalShare: Activate = (x, { graph, scope }) => {
  const scaled = graph.elementwise('Mul', [x, graph.scalar(Math.SQRT1_2)], `${scope}/scaled`);
  const erf = graph.elementwise('Erf', [scaled], `${scope}/Erf`);
  const raised = graph.elementwise('Add', [erf, graph.scalar(1)], `${scope}/raised`);
  return graph.elementwise('Mul', [raised, graph.scalar(0.5)], `${scope}/share`);
};

const tanhOfSoftplus: Activate = (x, { graph, scope }) =>
  graph.elementwise('Tanh', [graph.elementwise('Softplus', [x], `${scope}/Softplus`)], `${scope}/Tanh`);

const activations: ReadonlyMap<string, Activate> = new Map([
  ['linear', (x) => x],
  ['relu', single('Relu')],
  ['relu6', relu6],
  ['sigmoid', single('Sigmoid')],
  ['hard_sigmoid', single('HardSigmoid')],
  ['tanh', single('Tanh')],
  ['softmax', softmax('Softmax')],
  ['log_softmax', softmax('LogSoftmax')],
  ['elu', single('Elu')],
  ['selu', single('Selu')],
  ['softplus', single('Softplus')],
  ['softsign', single('Softsign')],
  ['exponential', single('Exp')],
  ['swish', gated(single('Sigmoid'))],
  ['silu', gated(single('Sigmoid'))],
  ['gelu', gated(normalShare)],
  ['mish', gated(tanhOfSoftplus)],
] satisfies [string, Activate][]);

/** Applies the function that the layer's "activation" setting names; none is linear. */
export function activate(x: GraphTensor, call: LayerCall): GraphTensor {
  const name = call.layer.config['activation'] ?? 'linear';
  const apply = typeof name === 'string' ? activations.get(name) : undefined;
  if (apply === undefined) throw layerError(call.layer, `activation ${JSON.stringify(name)} is not supported`);
  return apply(x, call);
}

export const emitActivation: EmitLayer = (call) => activate(onlyInput(call), call);

export const emitReLU: EmitLayer = (call) => {
  const { layer, graph, scope } = call;
  for (const key of ['negative_slope', 'threshold']) {
    if (numberOf(layer, key, 0) !== 0) throw layerError(layer, `a ${key} is not supported`);
  }
  const x = onlyInput(call);
  const maximum = layer.config['max_value'] == null ? undefined : numberOf(layer, 'max_value', 0);
  if (maximum === undefined) return graph.elementwise('Relu', [x], scope);
  return graph.elementwise('Clip', [x, graph.scalar(0), graph.scalar(maximum)], scope);
};

/** A layer with one setting, which ONNX calls alpha. */
function emitWithAlpha(operator: string, setting: string, fallback: number): EmitLayer {
  return (call) => {
    const x = onlyInput(call);
    const attributes = { alpha: { float: numberOf(call.layer, setting, fallback) } };
    return call.graph.node(operator, [x], { ...x, name: call.scope, attributes });
  };
}

export const emitLeakyReLU = emitWithAlpha('LeakyRelu', 'alpha', 0.3);
export const emitELU = emitWithAlpha('Elu', 'alpha', 1);
export const emitThresholdedReLU = emitWithAlpha('ThresholdedRelu', 'theta', 1);

export const emitPReLU: EmitLayer = (call) => {
  const { graph, scope } = call;
  const x = onlyInput(call);
  const rank = x.shape.length - 1;
  // The slopes have the input's axes but the first: their channels move to the front with the input's.
  const order = Array.from({ length: rank }, (_, i) => (i === 0 ? rank - 1 : i - 1));
  const slopes = () =>
    x.layout === 'keras' ? weightOf(call, 'alpha', rank) : permute(weightOf(call, 'alpha', rank), order);
  return graph.elementwise('PRelu', [x, graph.weight(`${scope}/alpha/${x.layout}`, slopes)], scope);
};

export const emitSoftmax: EmitLayer = (call) => {
  const x = onlyInput(call);
  const axes = integersOf(call.layer, 'axis') ?? [-1];
  if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== x.shape.length - 1)) {
    throw layerError(call.layer, 'an axis other than the last is not supported');
  }
  return softmax('Softmax')(x, call);
};
