// Generator networks of a few operators, whose results can be foretold.
import { type OnnxGraph, onnxNode, onnxTensor, onnxValue } from '@weft/convert';
import { writeModel } from './author-models.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Images [n, h, w, 3] four times as high and wide, each pixel sixteen times. */
function enlarging(): OnnxGraph {
  const any = ['rows', -1, -1, 3];
  return {
    inputs: [onnxValue('x', 'FP32', any)],
    outputs: [onnxValue('y', 'FP32', any)],
    initializers: [onnxTensor('scales', { datatype: 'FP32', shape: [4], elements: [1, 4, 4, 1] })],
    nodes: [
      onnxNode('Resize', {
        inputs: ['x', '', 'scales'],
        outputs: ['y'],
        attributes: {
          mode: { string: 'nearest' },
          coordinate_transformation_mode: { string: 'asymmetric' },
          nearest_mode: { string: 'floor' },
        },
      }),
    ],
  };
}

/** Images [n, 1, 2, 2] of noise [n, 4], and a tenth of the label's number on top. */
function drawing(): OnnxGraph {
  return {
    inputs: [onnxValue('z', 'FP32', ['rows', 4]), onnxValue('label', 'INT64', ['rows'])],
    outputs: [onnxValue('image', 'FP32', ['rows', 1, 2, 2])],
    initializers: [
      onnxTensor('square', { datatype: 'INT64', shape: [4], elements: [-1n, 1n, 2n, 2n] }),
      onnxTensor('dot', { datatype: 'INT64', shape: [4], elements: [-1n, 1n, 1n, 1n] }),
      onnxTensor('tenth', { datatype: 'FP32', shape: [], elements: [0.1] }),
    ],
    nodes: [
      onnxNode('Sigmoid', { inputs: ['z'], outputs: ['squeezed'] }),
      onnxNode('Reshape', { inputs: ['squeezed', 'square'], outputs: ['drawn'] }),
      onnxNode('Cast', { inputs: ['label'], outputs: ['number'], attributes: { to: { int: 1 } } }),
      onnxNode('Reshape', { inputs: ['number', 'dot'], outputs: ['dots'] }),
      onnxNode('Mul', { inputs: ['dots', 'tenth'], outputs: ['shade'] }),
      onnxNode('Add', { inputs: ['drawn', 'shade'], outputs: ['image'] }),
    ],
  };
}

function parameters(entries: Readonly<Record<string, string>>): string {
  return Object.entries({ service: 'generator', ...entries })
    .map(([key, value]) => `parameters { key: "weft.${key}" value { string_value: "${value}" } }`)
    .join('\n');
}

/** `settings`: further parameters of the model. */
export async function writeEnlargingModel(
  repository: string,
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeModel(repository, name, {
    graph: enlarging(),
    config: `max_batch_size: 0\n${parameters({ task: 'super-resolution', ...settings })}\n`,
  });
}

/** Of the labels `cat` and `dog`. */
export async function writeDrawingModel(repository: string, name: string): Promise<void> {
  await mkdir(join(repository, name), { recursive: true });
  await writeFile(join(repository, name, 'labels.txt'), 'cat\ndog\n');
  await writeModel(repository, name, {
    graph: drawing(),
    config: `max_batch_size: 8\n${parameters({ task: 'image-generation', 'file.labels': 'file:labels.txt' })}\n`,
  });
}
