// `name=value` arguments as tensors. The value is JSON, nested as the tensor is, or @file (JSON, or .npy); its datatype
// is what the model says of that input, so nobody has to type it.
import { type Datatype, type InferTensor, isDatatype, type OutputTensor, tensorValues } from '@weft/client';
import { usageError } from '../usage-error.ts';
import { flatten, type Scalar } from './nested-values.ts';
import { parseNpy } from './npy.ts';
import { readLocalFile } from './read-local-file.ts';
import { toText } from './read-texts.ts';
import { splitArgument } from './split-argument.ts';

/** What a model says of an input. */
export interface InputSpec {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

export async function readTensorArguments(
  args: readonly string[],
  specs: readonly InputSpec[],
): Promise<Record<string, InferTensor>> {
  const tensors: Record<string, InferTensor> = {};
  for (const arg of args) {
    const { name, source } = splitArgument(arg);
    const spec = specs.find((candidate) => candidate.name === name);
    if (spec === undefined) throw usageError(`the model has no input '${name}'; it has ${describeSpecs(specs)}`);
    tensors[name] = await readTensor(spec, source);
  }
  return tensors;
}

async function readTensor(spec: InputSpec, source: string): Promise<InferTensor> {
  if (!source.startsWith('@')) return jsonTensor(spec, parseJson(spec, source));
  const path = source.slice(1);
  const bytes = await readLocalFile(path);
  if (path.endsWith('.npy')) return tensorOfArray(spec, parseNpy(path, bytes));
  return jsonTensor(spec, parseJson(spec, toText(path, bytes)));
}

/** Text that is no JSON is a text of its own where the model takes text. */
function parseJson({ name, datatype }: InputSpec, source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    if (datatype === 'BYTES') return source;
    throw usageError(`--input ${name}: ${JSON.stringify(source.slice(0, 40))} is no JSON; the model wants ${datatype}`);
  }
}

function jsonTensor(spec: InputSpec, json: unknown): InferTensor {
  const { shape, values } = flatten(spec.name, json);
  // A single value fills a tensor of one element, whatever its rank.
  const single = shape.length === 0 && spec.shape.every((size) => size === -1 || size === 1);
  return tensorOf(spec.datatype, single ? spec.shape.map(() => 1) : shape, values);
}

/** A tensor of plain JSON values. */
export function tensorOf(datatype: string, shape: readonly number[], values: readonly Scalar[]): InferTensor {
  if (!isDatatype(datatype)) throw usageError(`unknown datatype ${datatype}`);
  const elements = values.map((value) => element(datatype, value)) as InferTensor['elements'];
  return { datatype, shape, elements };
}

/** JSON has no NaN and no exact 64-bit integers: both may be written as text. What does not fit is found by the client. */
function element(datatype: Datatype, value: Scalar): Scalar | bigint {
  if (typeof value !== 'string' || datatype === 'BYTES') return value;
  if ((datatype === 'INT64' || datatype === 'UINT64') && /^-?\d+$/.test(value)) return BigInt(value);
  return /^(?:NaN|-?Infinity)$/.test(value) ? Number(value) : value;
}

/** NumPy makes float64 and int64 by itself, which models seldom want: numbers are converted to what the model wants. */
export function tensorOfArray({ datatype }: InputSpec, array: OutputTensor): InferTensor {
  if (!isDatatype(datatype) || datatype === array.datatype) return array;
  const isFloat = /^(?:FP|BF)/.test(datatype);
  const values = tensorValues(array).map((value) => (isFloat || typeof value === 'boolean' ? Number(value) : value));
  return { datatype, shape: array.shape, elements: values as InferTensor['elements'] };
}

function describeSpecs(specs: readonly InputSpec[]): string {
  return specs.map(({ name, datatype, shape }) => `${name} (${datatype} [${shape.join(', ')}])`).join(', ') || 'none';
}
