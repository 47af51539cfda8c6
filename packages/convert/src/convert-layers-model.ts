// Converts a TensorFlow.js layers model (model.json and its weight shards) into an ONNX model that computes the same:
// same input and output names, same order of axes, any size where the original takes any. Inside, images have their
// channels first, because that is what ONNX operators compute on.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WeftError } from '@weft/errors';
import type { TensorSpec } from '@weft/tensor';
import { emitterOf } from './emit-layer.ts';
import { emitModel } from './emit-model.ts';
import { defaultOpset, encodeModel } from './encode-model.ts';
import { GraphBuilder } from './graph-builder.ts';
import type { GraphTensor, Size } from './graph-tensor.ts';
import type { Layer, Topology } from './layer.ts';
import { choiceOf, layerError } from './layer-config.ts';
import { onnxValue } from './onnx-model.ts';
import { parseTopology } from './parse-topology.ts';
import { readWeights } from './weights.ts';

export interface ConvertOptions {
  /** Version of ONNX's operators, 17 (the default) to 21: the operators in use mean the same in all of them. */
  readonly opset?: number;
}

export interface ConvertedModel {
  readonly onnx: Uint8Array;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

const datatypes = { float32: 'FP32', int32: 'INT32', bool: 'BOOL' } as const;

/** The shards are read from beside the model.json, never from outside its folder. */
export async function convertLayersModel(modelJsonPath: string, options: ConvertOptions = {}): Promise<ConvertedModel> {
  const opset = options.opset ?? defaultOpset;
  if (!Number.isInteger(opset) || opset < 17 || opset > 21)
    throw new WeftError('INVALID_ARGUMENT', `opset ${opset} is not between 17 and 21`);
  const json = await readModelJson(modelJsonPath);
  const topology = parseTopology(json['modelTopology'], (className) => emitterOf(className) !== undefined);
  const findWeight = await readWeights(dirname(modelJsonPath), json['weightsManifest']);

  const inputs = topology.inputs.map((name) => inputTensor(topology, name));
  const outputNames = nameOutputs(topology);
  const graph = new GraphBuilder([...topology.inputs, ...outputNames]);
  const outputs = emitModel(topology, inputs, { graph, findWeight, path: [] }).map((tensor, index) => {
    const name = outputNames[index] ?? tensor.name;
    graph.output(tensor, name);
    return { ...tensor, name };
  });
  const onnx = encodeModel(
    {
      inputs: inputs.map(toValue),
      outputs: outputs.map(toValue),
      nodes: graph.nodes,
      initializers: graph.initializers,
    },
    { opset },
  );
  return { onnx, inputs: inputs.map(toSpec), outputs: outputs.map(toSpec) };
}

async function readModelJson(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new WeftError('NOT_FOUND', `${path} cannot be read`, { cause });
  });
  const json = parseJson(path, text);
  if (typeof json !== 'object' || json === null || !('modelTopology' in json)) {
    throw new WeftError('INVALID_ARGUMENT', `${path} is not the model.json of a TensorFlow.js model`);
  }
  if ('format' in json && json.format === 'graph-model') {
    throw new WeftError('UNIMPLEMENTED', `${path} is a graph model; only layers models can be converted`);
  }
  return json as Record<string, unknown>;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', `${path} is not JSON`, { cause });
  }
}

function inputTensor(topology: Topology, name: string): GraphTensor {
  const layer = topology.layers.find((candidate) => candidate.name === name);
  if (layer === undefined) throw new WeftError('INVALID_ARGUMENT', `the model's input "${name}" does not exist`);
  const datatype = datatypes[choiceOf(layer, 'dtype', ['float32', 'int32', 'bool'])];
  return { name, shape: inputShape(layer), layout: 'keras', datatype };
}

function inputShape(layer: Layer): Size[] {
  const shape = layer.config['batch_input_shape'] ?? layer.config['batch_shape'];
  if (!Array.isArray(shape) || shape.length === 0 || !shape.every(isSize))
    throw layerError(layer, 'has no batch_input_shape');
  return shape;
}

function isSize(size: unknown): size is Size {
  return size === null || (Number.isSafeInteger(size) && (size as number) > 0);
}

/** An output has its layer's name, with a number after it where an input or another call of the layer has the name already. */
function nameOutputs(topology: Topology): string[] {
  const taken = new Set(topology.inputs);
  return topology.outputs.map(({ layer }) => {
    let name = layer;
    for (let i = 1; taken.has(name); i++) name = `${layer}_${i}`;
    taken.add(name);
    return name;
  });
}

function toSpec({ name, datatype, shape }: GraphTensor): TensorSpec {
  return { name, datatype, shape: shape.map((size) => size ?? -1) };
}

/** The first open size is the batch, one and the same for all inputs and outputs. */
function toValue({ name, datatype, shape }: GraphTensor): ReturnType<typeof onnxValue> {
  return onnxValue(
    name,
    datatype,
    shape.map((size, axis) => size ?? (axis === 0 ? 'batch' : -1)),
  );
}
