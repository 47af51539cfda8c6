// The JSON of an inference request to the head of a ModelInferRequest and a plan of its contents: those that stood in the JSON, as
// bytes, and the sizes of those that follow it as binary data. Nothing of the latter is looked at.
import { invalidArgument } from '@weft/errors';
import { rpcMethod } from '@weft/rpc/protos';
import { JsonReader } from '../json/json-reader.ts';
import { assemblePayload } from './assemble-payload.ts';
import type { Content, InferPlan, InferTarget } from './infer-plan.ts';
import { readElements } from './read-elements.ts';
import { type Parameters, parametersOf, takeBoolean, takeSize } from './parameters.ts';

interface ReadInput {
  readonly message: { name: string; datatype: string; shape: string[]; parameters: object };
  readonly content: Content | undefined;
}

const method = rpcMethod('/inference.GRPCInferenceService/ModelInfer');

/** Throws INVALID_ARGUMENT for what is no such request. */
export function parseInfer(json: Buffer, target: InferTarget): InferPlan {
  const reader = new JsonReader(json);
  let id = '';
  let parameters: Parameters = new Map();
  let inputs: ReadInput[] = [];
  let outputs: ReadOutput[] = [];
  reader.object((key) => {
    if (key === 'id') id = readText(reader, 'id');
    else if (key === 'parameters') parameters = parametersOf(reader.value(), 'the request');
    else if (key === 'inputs') inputs = readList(reader, 'inputs', () => readInput(reader, target));
    else if (key === 'outputs') outputs = readList(reader, 'outputs', () => readOutput(reader));
    else reader.skip();
  });
  reader.end();
  const all = takeBoolean(parameters, 'binary_data_output', 'the request') ?? false;
  const head = method.encodeRequest({
    modelName: target.model,
    modelVersion: target.version,
    id,
    parameters: Object.fromEntries(parameters),
    inputs: inputs.map(({ message }) => message),
    outputs: outputs.map(({ message }) => message),
  });
  const contents = inputs.flatMap(({ content }) => (content === undefined ? [] : [content]));
  const wish = { all, byName: new Map(outputs.map(({ message, binary }) => [message.name, binary ?? all])) };
  if (contents.some(({ bytes }) => bytes === undefined)) return { head, contents, wish };
  return { head: assemblePayload({ head, contents }, target), contents: [], wish };
}

function readInput(reader: JsonReader, { maxBytes }: InferTarget): ReadInput {
  const message = { name: '', datatype: '', shape: [] as string[], parameters: {} };
  let parameters: Parameters = new Map();
  let elements: { readonly at: number; readonly as: string; readonly bytes: Buffer | undefined } | undefined;
  reader.object((key) => {
    if (key === 'name') message.name = readText(reader, 'name');
    else if (key === 'datatype') message.datatype = readText(reader, 'datatype');
    else if (key === 'shape') message.shape = readShape(reader, message.name);
    else if (key === 'parameters') parameters = parametersOf(reader.value(), `input '${message.name}'`);
    else if (key === 'data') {
      const { name, datatype } = message;
      const at = reader.position;
      // Most say the datatype first; else the elements are read once it is known.
      if (datatype === '') reader.skip();
      elements = {
        at,
        as: datatype,
        bytes: datatype === '' ? undefined : readElements(reader, { name, datatype, maxBytes }),
      };
    } else reader.skip();
  });
  const { name, datatype } = message;
  if (name === '') throw invalidArgument('every input needs a name');
  if (elements !== undefined && elements.as !== datatype) {
    const end = reader.position;
    reader.position = elements.at;
    elements = { ...elements, bytes: readElements(reader, { name, datatype, maxBytes }) };
    reader.position = end;
  }
  const size = takeSize(parameters, 'binary_data_size', `input '${name}'`);
  if (size !== undefined && elements !== undefined)
    throw invalidArgument(`input '${name}' must not have both 'data' and the parameter 'binary_data_size'`);
  if (size === undefined && elements === undefined && !parameters.has('shared_memory_region'))
    throw invalidArgument(`input '${name}' has neither 'data' nor the parameter 'binary_data_size'`);
  message.parameters = Object.fromEntries(parameters);
  if (elements?.bytes !== undefined)
    return { message, content: { name, size: elements.bytes.length, bytes: elements.bytes } };
  return { message, content: size === undefined ? undefined : { name, size, bytes: undefined } };
}

interface ReadOutput {
  readonly message: { readonly name: string; readonly parameters: object };
  readonly binary: boolean | undefined;
}

function readOutput(reader: JsonReader): ReadOutput {
  let name = '';
  let parameters: Parameters = new Map();
  reader.object((key) => {
    if (key === 'name') name = readText(reader, 'name');
    else if (key === 'parameters') parameters = parametersOf(reader.value(), `output '${name}'`);
    else reader.skip();
  });
  if (name === '') throw invalidArgument('every output needs a name');
  const binary = takeBoolean(parameters, 'binary_data', `output '${name}'`);
  return { message: { name, parameters: Object.fromEntries(parameters) }, binary };
}

function readList<Item>(reader: JsonReader, what: string, read: () => Item): Item[] {
  if (reader.kind() !== 'array') throw invalidArgument(`'${what}' must be an array`);
  const items: Item[] = [];
  reader.array(() => {
    if (reader.kind() !== 'object') throw invalidArgument(`'${what}' must hold objects`);
    items.push(read());
  });
  return items;
}

function readText(reader: JsonReader, what: string): string {
  if (reader.kind() !== 'string') throw invalidArgument(`'${what}' must be a text`);
  return reader.text();
}

/** As text: a size may be any 64-bit integer, and whether it is a good one the service says. */
function readShape(reader: JsonReader, name: string): string[] {
  if (reader.kind() !== 'array') throw invalidArgument(`input '${name}': 'shape' must be an array`);
  const shape: string[] = [];
  reader.array(() => {
    const size = reader.kind() === 'number' ? reader.number() : undefined;
    if (size === undefined || !size.whole || BigInt.asIntN(64, BigInt(size.value)) !== BigInt(size.value))
      throw invalidArgument(`input '${name}': 'shape' must hold whole numbers`);
    shape.push(String(size.value));
  });
  return shape;
}
