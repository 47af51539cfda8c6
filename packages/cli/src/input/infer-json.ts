// The Open Inference Protocol's JSON form of requests and responses, which is also what `weft infer --json` prints.
import { type InferRequest, type InferResponse, type InferTensor, tensorValues } from '@weft/client';
import { invalidArgument } from '@weft/errors';
import { flatten } from './nested-values.ts';
import { tensorOf } from './tensor-argument.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** The protocol's name for a tensor's elements. */
const elementsKey = 'data';

/** A request's inputs, outputs, id and parameters. Throws INVALID_ARGUMENT, naming `path`, for what is none. */
export function parseInferJson(path: string, text: string): Omit<InferRequest, 'model'> {
  const json = parseObject(path, text);
  if (!Array.isArray(json['inputs']))
    throw invalidArgument(`${path}: expected {"inputs": [{"name", "datatype", "shape", "${elementsKey}"}]}`);
  const outputs = Array.isArray(json['outputs']) ? json['outputs'].map(nameOf) : undefined;
  return {
    inputs: Object.fromEntries(
      json['inputs'].map((input: unknown) => [nameOf(input), parseInput(path, input as JsonObject)]),
    ),
    outputs,
    ...(typeof json['id'] === 'string' ? { id: json['id'] } : {}),
    ...(isObject(json['parameters'])
      ? { parameters: json['parameters'] as NonNullable<InferRequest['parameters']> }
      : {}),
  };

  function nameOf(tensor: unknown): string {
    if (isObject(tensor) && typeof tensor['name'] === 'string') return tensor['name'];
    throw invalidArgument(`${path}: every input and output needs a name`);
  }
}

function parseInput(path: string, input: JsonObject): InferTensor {
  const { name, datatype, shape, [elementsKey]: elements } = input;
  const sizes = Array.isArray(shape) && shape.every(Number.isInteger) ? (shape as number[]) : undefined;
  if (typeof datatype !== 'string' || sizes === undefined || !Array.isArray(elements)) {
    throw invalidArgument(`${path}: input ${JSON.stringify(name)} needs datatype, shape and ${elementsKey}`);
  }
  // Flat or nested, as the protocol allows; the shape is what it says.
  return tensorOf(datatype, sizes, flatten(String(name), elements).values);
}

function parseObject(path: string, text: string): JsonObject {
  try {
    const json: unknown = JSON.parse(text);
    if (isObject(json)) return json;
  } catch {
    // Said below, as for any other text that is no object.
  }
  throw invalidArgument(`${path} holds no JSON object`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** 64-bit integers beyond 2^53, NaN and infinities are written as text: JSON has no numbers for them. */
export function toInferJson({ model, modelVersion, id, outputs }: InferResponse): object {
  return {
    model_name: model,
    model_version: modelVersion,
    ...(id === '' ? {} : { id }),
    outputs: Object.entries(outputs).map(([name, tensor]) => ({
      name,
      datatype: tensor.datatype,
      shape: tensor.shape,
      [elementsKey]: tensorValues(tensor).map(jsonValue),
    })),
  };
}

function jsonValue(value: number | bigint | boolean | string): number | boolean | string {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
