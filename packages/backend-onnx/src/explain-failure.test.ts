import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainFailure, isModelFailure } from './explain-failure.ts';

const path = '/srv/models/x/1/model.onnx';

test('C++ sources, signatures and folders of this machine are left out', () => {
  const told: [string, string][] = [
    [`Load model from ${path} failed:Protobuf parsing failed.`, 'the file is not a valid ONNX model'],
    [
      `Load model from ${path} failed:/src/core/graph/model.cc:187 ns::Model::Model(onnx::ModelProto&&, const std::map<int(int), T>&) const The graph (y) is cyclic.\n`,
      'The graph (y) is cyclic.',
    ],
    ['/src/webgpu_context.cc:136 void ns::Initialize(const Config&)::<lambda()> No adapter\n', 'No adapter'],
    [
      'External data path does not exist: "/srv/models/x/1/weights.bin"',
      'External data path does not exist: "weights.bin"',
    ],
    [
      'External data path escapes: allowed directory: "/srv/models/x/1"',
      'External data path escapes: allowed directory: "."',
    ],
    [
      'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
      "the provider's library or one that it needs cannot be loaded",
    ],
    ['CUDA failure 100: no CUDA-capable device is detected', 'CUDA failure 100: no CUDA-capable device is detected'],
  ];
  for (const [message, explanation] of told) assert.equal(explainFailure(new Error(message), path), explanation);
});

test('what is thrown without being an error is told too', () => {
  assert.equal(explainFailure('broken', path), 'broken');
});

test('only a refusal of the model counts against the model', () => {
  assert.equal(isModelFailure(new Error(`Load model from ${path} failed:Type Error`)), true);
  assert.equal(isModelFailure(new Error('CUDA failure 2: out of memory')), false);
});
