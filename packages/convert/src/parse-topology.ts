// Reads the model part of a model.json: the JSON that Keras or TensorFlow.js wrote, in the forms that TensorFlow.js
// itself loads (Functional, its older names Model and Network, and Sequential, as the whole or nested as layers).
// A Sequential becomes what it abbreviates: a chain of layers after an InputLayer.
import { WeftError } from '@weft/errors';
import type { Layer, TensorReference, Topology } from './layer.ts';

type Json = Readonly<Record<string, unknown>>;

const modelClasses: ReadonlySet<string> = new Set(['Functional', 'Model', 'Network', 'Container', 'Sequential']);
/** Deeper nesting than this is no model that somebody built. */
const maxDepth = 32;

/** The topology under "modelTopology". Throws INVALID_ARGUMENT where it is not one, or not of these forms. */
export function parseTopology(json: unknown, isSupported: (className: string) => boolean): Topology {
  const outer = record(json, 'modelTopology');
  const model = 'model_config' in outer ? record(outer['model_config'], 'model_config') : outer;
  refuseUnsupported(model, isSupported);
  return parseModel(model, 0);
}

/** Before anything else, so that the message is about the layers and lists all of them. */
function refuseUnsupported(model: Json, isSupported: (className: string) => boolean): void {
  const refused: string[] = [];
  const visit = (entry: Json, depth: number) => {
    if (depth > maxDepth) throw malformed(`models nested deeper than ${maxDepth}`);
    const className = text(entry, 'class_name');
    if (modelClasses.has(className)) for (const layer of layerEntries(entry)) visit(layer, depth + 1);
    else if (depth === 0) throw new WeftError('UNIMPLEMENTED', `a model of class ${className} cannot be converted`);
    else if (className !== 'InputLayer' && !isSupported(className)) refused.push(`${className} "${nameOf(entry)}"`);
  };
  visit(model, 0);
  if (refused.length > 0)
    throw new WeftError('UNIMPLEMENTED', `layers that cannot be converted: ${refused.join(', ')}`);
}

function parseModel(entry: Json, depth: number): Topology {
  const layers = layerEntries(entry).map((layer) => parseLayer(layer, depth));
  if (text(entry, 'class_name') === 'Sequential') return chain(layers);
  const config = record(entry['config'], 'config');
  return {
    layers,
    inputs: references(config['input_layers'], 'input_layers').map((reference) => reference.layer),
    outputs: references(config['output_layers'], 'output_layers'),
  };
}

function parseLayer(entry: Json, depth: number): Layer {
  const className = text(entry, 'class_name');
  const name = nameOf(entry);
  const config = Array.isArray(entry['config']) ? {} : record(entry['config'], `config of layer "${name}"`);
  const calls = parseCalls(entry['inbound_nodes'] ?? [], name);
  const layer = { className, name, config, calls };
  return modelClasses.has(className) ? { ...layer, model: parseModel(entry, depth + 1) } : layer;
}

function chain(layers: readonly Layer[]): Topology {
  const [first] = layers;
  if (first === undefined) throw malformed('a Sequential model without layers');
  const linked = first.className === 'InputLayer' ? [...layers] : [inputBefore(first), ...layers];
  const chained = linked.map((layer, index) => {
    const previous = linked[index - 1];
    return previous === undefined ? layer : { ...layer, calls: [[{ layer: previous.name, node: 0, tensor: 0 }]] };
  });
  const last = chained.at(-1)?.name ?? '';
  return { layers: chained, inputs: [linked[0]?.name ?? ''], outputs: [{ layer: last, node: 0, tensor: 0 }] };
}

/** The InputLayer that TensorFlow.js would make: a nested model lends its own, another layer its input shape. */
function inputBefore(first: Layer): Layer {
  const inner = first.model?.layers.find((layer) => layer.name === first.model?.inputs[0]);
  if (inner !== undefined) return { ...inner, calls: [] };
  return { className: 'InputLayer', name: `${first.name}_input`, config: first.config, calls: [] };
}

function parseCalls(json: unknown, layer: string): TensorReference[][] {
  if (!Array.isArray(json)) throw malformed(`inbound_nodes of layer "${layer}" is not a list`);
  return json.map((call: unknown) => {
    if (!Array.isArray(call))
      throw new WeftError(
        'UNIMPLEMENTED',
        `layer "${layer}" is wired in the form of Keras 3, which cannot be converted`,
      );
    return references(call, `inbound_nodes of layer "${layer}"`);
  });
}

/** A list of [layer, node, tensor, settings of the call], or one of them alone. */
function references(json: unknown, where: string): TensorReference[] {
  if (!Array.isArray(json)) throw malformed(`${where} is not a list`);
  const list: unknown[] = typeof json[0] === 'string' ? [json] : json;
  return list.map((item) => {
    const [layer, node, tensor, call]: unknown[] = Array.isArray(item) ? item : [];
    if (typeof layer !== 'string' || !isIndex(node) || !isIndex(tensor))
      throw malformed(`${where} holds no [layer, node, tensor]`);
    for (const [key, value] of Object.entries(record(call ?? {}, where))) {
      if (key !== 'training' && value !== null)
        throw new WeftError('UNIMPLEMENTED', `${where}: calls with ${key} cannot be converted`);
    }
    return { layer, node, tensor };
  });
}

function layerEntries(entry: Json): Json[] {
  const config = entry['config'];
  const layers = Array.isArray(config) ? config : record(config, 'config')['layers'];
  if (!Array.isArray(layers)) throw malformed('a model without a list of layers');
  return layers.map((layer: unknown) => record(layer, 'a layer'));
}

function nameOf(entry: Json): string {
  const config = entry['config'];
  const inner = typeof config === 'object' && config !== null && 'name' in config ? config.name : undefined;
  const name = entry['name'] ?? inner;
  if (typeof name !== 'string' || name === '') throw malformed('a layer without a name');
  return name;
}

function text(entry: Json, key: string): string {
  const value = entry[key];
  if (typeof value !== 'string') throw malformed(`${key} is not text`);
  return value;
}

function record(json: unknown, what: string): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed(`${what} is not an object`);
  return json as Json;
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function malformed(message: string): WeftError {
  return new WeftError('INVALID_ARGUMENT', `not a layers model: ${message}`);
}
