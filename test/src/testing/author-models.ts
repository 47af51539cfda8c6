// Model repositories for tests: small ONNX graphs, each with the least configuration it needs, in Triton's layout.
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, type OnnxGraph, onnxNode, onnxTensor, onnxValue } from '@weft/convert';
import type { Datatype } from '@weft/tensor';

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'weft-test-'));
  // Who still writes there while it goes is waited for.
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }) };
}

export interface AuthoredModel {
  readonly graph: OnnxGraph;
  readonly version?: number;
  /** The text of config.pbtxt; absent: none. */
  readonly config?: string;
}

/** Writes `<repository>/<name>/<version>/model.onnx`, and the configuration where there is one. */
export async function writeModel(repository: string, name: string, model: AuthoredModel): Promise<void> {
  const folder = join(repository, name, String(model.version ?? 1));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.onnx'), encodeModel(model.graph));
  if (model.config !== undefined) await writeFile(join(repository, name, 'config.pbtxt'), model.config);
}

/** Writes the configuration of a model that has no file of its own, and the empty version folder that Triton wants. */
export async function writeConfig(repository: string, name: string, config: string): Promise<void> {
  await mkdir(join(repository, name, '1'), { recursive: true });
  await writeFile(join(repository, name, 'config.pbtxt'), config);
}

/** Puts one of weft's own models into a repository, by its path under models/: `nlp/use-lite`. */
export async function copyDefaultModel(repository: string, path: string): Promise<void> {
  const [, name = ''] = path.split('/');
  await cp(new URL(`../../../models/${path}/`, import.meta.url), join(repository, name), { recursive: true });
}

/** y = x. Without a shape: batches of rows of any length. */
export function identity(datatype: Datatype = 'FP32', shape: readonly (number | string)[] = ['rows', -1]): OnnxGraph {
  return {
    inputs: [onnxValue('x', datatype, shape)],
    outputs: [onnxValue('y', datatype, shape)],
    nodes: [onnxNode('Identity', { inputs: ['x'], outputs: ['y'] })],
  };
}

/** y = x + constant, for rows of two: tells versions apart. */
export function plus(constant: number): OnnxGraph {
  return {
    inputs: [onnxValue('x', 'FP32', ['rows', 2])],
    outputs: [onnxValue('y', 'FP32', ['rows', 2])],
    initializers: [onnxTensor('c', { datatype: 'FP32', shape: [], elements: [constant] })],
    nodes: [onnxNode('Add', { inputs: ['x', 'c'], outputs: ['y'] })],
  };
}

/** y = p + q, for rows of any length. */
export function addition(): OnnxGraph {
  const any = ['rows', -1];
  return {
    inputs: [onnxValue('p', 'FP32', any), onnxValue('q', 'FP32', any)],
    outputs: [onnxValue('y', 'FP32', any)],
    nodes: [onnxNode('Add', { inputs: ['p', 'q'], outputs: ['y'] })],
  };
}

/** For each datatype a vector in, and the same one out: `x-FP32` and `y-FP32`. */
export function identities(datatypes: readonly Datatype[]): OnnxGraph {
  const values = (side: string) => datatypes.map((datatype) => onnxValue(`${side}-${datatype}`, datatype, [-1]));
  return {
    inputs: values('x'),
    outputs: values('y'),
    nodes: datatypes.map((type) => onnxNode('Identity', { inputs: [`x-${type}`], outputs: [`y-${type}`] })),
  };
}

/** sum = a + b and difference = a − b, for rows of three. */
export function arithmetic(): OnnxGraph {
  const rows = ['rows', 3];
  return {
    inputs: [onnxValue('a', 'FP32', rows), onnxValue('b', 'FP32', rows)],
    outputs: [onnxValue('sum', 'FP32', rows), onnxValue('difference', 'FP32', rows)],
    nodes: [
      onnxNode('Add', { inputs: ['a', 'b'], outputs: ['sum'] }),
      onnxNode('Sub', { inputs: ['a', 'b'], outputs: ['difference'] }),
    ],
  };
}

/** Each row without its mean over what the mask lets through, and that mean. `names`: whether dimensions have names. */
export function maskedMean(names: boolean): OnnxGraph {
  const any = ['rows', names ? 'length' : -1];
  return {
    inputs: [onnxValue('x', 'FP32', any), onnxValue('mask', 'FP32', any)],
    outputs: [onnxValue('centred', 'FP32', any), onnxValue('mean', 'FP32', ['rows', 1])],
    initializers: [onnxTensor('axes', { datatype: 'INT64', shape: [1], elements: [1n] })],
    nodes: [
      onnxNode('Mul', { inputs: ['x', 'mask'], outputs: ['seen'] }),
      onnxNode('ReduceSum', { inputs: ['seen', 'axes'], outputs: ['sum'], attributes: { keepdims: { int: 1 } } }),
      onnxNode('ReduceSum', { inputs: ['mask', 'axes'], outputs: ['count'], attributes: { keepdims: { int: 1 } } }),
      onnxNode('Div', { inputs: ['sum', 'count'], outputs: ['mean'] }),
      onnxNode('Sub', { inputs: ['x', 'mean'], outputs: ['centred'] }),
    ],
  };
}

/** y = the square of x, for x from 0 to 9: a run with any other number in it fails inside onnxruntime. */
export function squares(): OnnxGraph {
  const table = Array.from({ length: 10 }, (_, index) => index * index);
  return {
    inputs: [onnxValue('x', 'INT64', ['rows', 1])],
    outputs: [onnxValue('y', 'FP32', ['rows', 1])],
    initializers: [onnxTensor('table', { datatype: 'FP32', shape: [10], elements: table })],
    nodes: [onnxNode('Gather', { inputs: ['table', 'x'], outputs: ['y'] })],
  };
}

/** y = x, of a single row: the size is fixed inside, though not in the interface, and a run of more rows fails. */
export function secretlySingle(): OnnxGraph {
  return {
    inputs: [onnxValue('x', 'FP32', ['rows', 2])],
    outputs: [onnxValue('y', 'FP32', ['rows', 2])],
    initializers: [onnxTensor('shape', { datatype: 'INT64', shape: [2], elements: [1n, 2n] })],
    nodes: [onnxNode('Reshape', { inputs: ['x', 'shape'], outputs: ['y'] })],
  };
}

/** sum = that of all rows of x, as one row. */
export function sumOfRows(): OnnxGraph {
  return {
    inputs: [onnxValue('x', 'FP32', ['rows', 2])],
    outputs: [onnxValue('sum', 'FP32', [1, 2])],
    initializers: [onnxTensor('axes', { datatype: 'INT64', shape: [1], elements: [0n] })],
    nodes: [onnxNode('ReduceSum', { inputs: ['x', 'axes'], outputs: ['sum'], attributes: { keepdims: { int: 1 } } })],
  };
}

/** result = 1 after `rounds` rounds of a loop that keeps a core busy: about 3 ms for 1,000 rounds. */
export function busyLoop(): OnnxGraph {
  const size = 40;
  const body: OnnxGraph = {
    inputs: [onnxValue('round', 'INT64', []), onnxValue('go', 'BOOL', []), onnxValue('before', 'FP32', [size, size])],
    outputs: [onnxValue('again', 'BOOL', []), onnxValue('after', 'FP32', [size, size])],
    nodes: [
      onnxNode('Identity', { inputs: ['go'], outputs: ['again'] }),
      onnxNode('MatMul', { inputs: ['before', 'unit'], outputs: ['after'] }),
    ],
  };
  const unit = Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0));
  return {
    inputs: [onnxValue('rounds', 'INT64', [1])],
    outputs: [onnxValue('result', 'FP32', [])],
    initializers: [
      onnxTensor('unit', { datatype: 'FP32', shape: [size, size], elements: unit }),
      onnxTensor('yes', { datatype: 'BOOL', shape: [], elements: [1] }),
      onnxTensor('scalar', { datatype: 'INT64', shape: [0], elements: [] }),
      onnxTensor('corner', { datatype: 'INT64', shape: [1], elements: [0n] }),
    ],
    nodes: [
      onnxNode('Reshape', { inputs: ['rounds', 'scalar'], outputs: ['count'] }),
      onnxNode('Loop', { inputs: ['count', 'yes', 'unit'], outputs: ['last'], attributes: { body: { graph: body } } }),
      onnxNode('Gather', { inputs: ['last', 'corner'], outputs: ['row'] }),
      onnxNode('ReduceMax', { inputs: ['row'], outputs: ['result'], attributes: { keepdims: { int: 0 } } }),
    ],
  };
}

/** y is x in two rows of two: a run of any other size than four fails inside onnxruntime. */
export function fragile(): OnnxGraph {
  return {
    inputs: [onnxValue('x', 'FP32', [-1])],
    outputs: [onnxValue('y', 'FP32', [2, 2])],
    initializers: [onnxTensor('shape', { datatype: 'INT64', shape: [2], elements: [2n, 2n] })],
    nodes: [onnxNode('Reshape', { inputs: ['x', 'shape'], outputs: ['y'] })],
  };
}

/** Rows of y are those of x eight times over. */
export function eightfold(): OnnxGraph {
  return {
    inputs: [onnxValue('x', 'FP32', ['rows', -1])],
    outputs: [onnxValue('y', 'FP32', ['rows', -1])],
    nodes: [
      onnxNode('Concat', { inputs: new Array<string>(8).fill('x'), outputs: ['y'], attributes: { axis: { int: 1 } } }),
    ],
  };
}

/**
 * sum = before + x, which is after for the next request of its sequence; the server's controls come out as they went in. Rows of
 * one; `single`: without rows.
 */
export function accumulator(single = false): OnnxGraph {
  const row = single ? [1] : ['rows', 1];
  const controls = [
    { name: 'START', datatype: 'INT32' },
    { name: 'END', datatype: 'BOOL' },
    { name: 'READY', datatype: 'FP32' },
    { name: 'ID', datatype: 'INT64' },
  ] as const;
  const copies = controls.map(({ name }) => onnxNode('Identity', { inputs: [name], outputs: [name.toLowerCase()] }));
  return {
    inputs: [
      onnxValue('x', 'FP32', row),
      onnxValue('before', 'FP32', row),
      ...controls.map(({ name, datatype }) => onnxValue(name, datatype, row)),
    ],
    outputs: [
      onnxValue('sum', 'FP32', row),
      onnxValue('after', 'FP32', row),
      ...controls.map(({ name, datatype }) => onnxValue(name.toLowerCase(), datatype, row)),
    ],
    nodes: [
      onnxNode('Add', { inputs: ['x', 'before'], outputs: ['sum'] }),
      onnxNode('Identity', { inputs: ['sum'], outputs: ['after'] }),
      ...copies,
    ],
  };
}

/** The configuration of the accumulator; `settings` stand in its sequence_batching. */
export function accumulatorConfig(settings = '', others = 'max_batch_size: 8'): string {
  return `
    ${others}
    sequence_batching {
      ${settings}
      control_input { name: "START" control { kind: CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ] } }
      control_input { name: "END" control { kind: CONTROL_SEQUENCE_END bool_false_true: [ false, true ] } }
      control_input { name: "READY" control { kind: CONTROL_SEQUENCE_READY fp32_false_true: [ 0, 1 ] } }
      control_input { name: "ID" control { kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_INT64 } }
      state { input_name: "before" output_name: "after" data_type: TYPE_FP32 dims: [ 1 ] }
    }`;
}
