// Authors small models of TensorFlow.js for tests: a model.json with its weights in a file beside it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface AuthoredNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, object>>;
}

export interface AuthoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** Default FP32. */
  readonly dtype?: 'float32' | 'int32';
}

export interface SignatureEntry {
  readonly name: string;
  readonly dtype: string;
  readonly sizes: readonly number[];
}

export interface AuthoredGraph {
  readonly nodes: readonly AuthoredNode[];
  readonly signature?: Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, SignatureEntry>>>>;
  readonly weights?: readonly AuthoredWeight[];
  /** What loops and branches call, as TensorFlow's FunctionDef. */
  readonly functions?: readonly object[];
}

export interface AuthoredLayers {
  readonly layers: readonly object[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly weights?: readonly AuthoredWeight[];
}

const folders: string[] = [];

/** Removes whatever this file has written. */
export async function removeAuthored(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
}

/** The attribute of a node that computes with FP32. */
export const float = { T: { type: 'DT_FLOAT' } };

export function placeholder(name: string, dtype: string, sizes: readonly number[]): AuthoredNode {
  return { name, op: 'Placeholder', attr: { dtype: { type: dtype }, shape: { shape: dimensions(sizes) } } };
}

/** The node that stands for a weight in a graph, or in a function of it. */
export function constant({ name, shape, dtype }: AuthoredWeight): AuthoredNode {
  const type = dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT';
  const value = { tensor: { dtype: type, tensorShape: dimensions(shape) } };
  return { name, op: 'Const', attr: { dtype: { type }, value } };
}

export function entry(name: string, dtype: string, sizes: readonly number[]): SignatureEntry {
  return { name, dtype, sizes };
}

/** Writes a graph model into a folder of its own; resolves to the path of its model.json. */
export function authorGraph({ nodes, signature, weights = [], functions = [] }: AuthoredGraph): Promise<string> {
  const modelTopology = {
    node: [...weights.map(constant), ...nodes],
    library: { function: functions },
    versions: { producer: 1 },
  };
  const written = signature && { inputs: entries(signature.inputs), outputs: entries(signature.outputs) };
  return authorModel({ format: 'graph-model', modelTopology, signature: written }, weights);
}

/** Writes a layers model, likewise. */
export function authorLayers({ layers, inputs, outputs, weights = [] }: AuthoredLayers): Promise<string> {
  const references = (names: readonly string[]) => names.map((name) => [name, 0, 0]);
  const config = {
    name: 'model',
    layers,
    input_layers: references(inputs),
    output_layers: references(outputs),
  };
  return authorModel({ format: 'layers-model', modelTopology: { class_name: 'Functional', config } }, weights);
}

async function authorModel(model: object, weights: readonly AuthoredWeight[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-tfjs-'));
  folders.push(folder);
  const bytes = weights.map(({ values, dtype }) =>
    Buffer.from((dtype === 'int32' ? Int32Array : Float32Array).from(values).buffer),
  );
  await writeFile(join(folder, 'weights.bin'), Buffer.concat(bytes));
  const specs = weights.map(({ name, shape, dtype = 'float32' }) => ({ name, shape, dtype }));
  const path = join(folder, 'model.json');
  await writeFile(path, JSON.stringify({ ...model, weightsManifest: [{ paths: ['weights.bin'], weights: specs }] }));
  return path;
}

function entries(signature: Readonly<Record<string, SignatureEntry>>): object {
  return Object.fromEntries(
    Object.entries(signature).map(([key, { name, dtype, sizes }]) => [
      key,
      { name, dtype, tensorShape: dimensions(sizes) },
    ]),
  );
}

function dimensions(sizes: readonly number[]): object {
  return { dim: sizes.map((size) => ({ size: String(size) })) };
}
