import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from './check-config.ts';
import { parseConfigText } from './config-file.ts';

const refused: Readonly<Record<string, RegExp>> = {
  'max_batch_size: -1': /max_batch_size: expected a number that is not negative, got -1/,
  'batch_output { target_name: "y" }': /batch_output is not supported/,
  'input { name: "x" dims: 1 is_shape_tensor: true }': /is_shape_tensor is not supported/,
  'input { dims: 1 }': /input: a tensor has no name/,
  'output [ { name: "y" }, { name: "y" } ]': /output 'y' is listed twice/,
  'input { name: "x" dims: [ 2, 0 ] }': /input 'x': dims must be 1 or more, or -1 .* got 0/,
  'input { name: "x" dims: [ -2 ] }': /input 'x': dims .* got -2/,
  'output { name: "y" dims: [ 4 ] reshape { shape: [ 2, 3 ] } }':
    /output 'y': dims \[4\] cannot be reshaped to \[2,3\]/,
  'input { name: "x" dims: [ -1, 2 ] reshape { shape: [ 2, -1 ] } }': /cannot be reshaped/,
  'input { name: "x" dims: [ -1 ] reshape { shape: [ -1, -1 ] } }': /cannot be reshaped/,
  'input { name: "x" dims: [ 2 ] reshape { } }': /dims \[2\] cannot be reshaped to \[\]/,
  'input { name: "x" dims: [ 3, 4 ] format: FORMAT_NCHW }': /FORMAT_NCHW requires 3 dims, got \[3,4\]/,
  'input { name: "x" dims: [ -1 ] allow_ragged_batch: true }': /allow_ragged_batch needs max_batch_size/,
  'instance_group { name: "g" count: -1 }': /instance group 'g': count is -1/,
  'instance_group { name: "g" kind: KIND_CPU gpus: 0 }': /'g' has kind KIND_CPU but specifies one or more GPUs/,
  'instance_group { name: "g" gpus: -1 }': /gpus are numbers from 0 on, got \[-1\]/,
};
for (const [text, reason] of Object.entries(refused)) {
  test(`refused: ${text}`, () => assert.throws(() => checkConfig(parseConfigText(text)), reason));
}

test('settings without an effect here pass', () => {
  checkConfig(
    parseConfigText(`max_batch_size: 4 input { name: "x" dims: [ 1 ] reshape { } }
      input { name: "i" dims: [ 3, -1, -1 ] format: FORMAT_NCHW } output { name: "y" dims: [ -1, 6 ] reshape { shape: [ -1, 2, 3 ] } }
      metric_tags { key: "a" value: "b" } runtime: "r" model_repository_agents { agents { name: "checksum" } }
      instance_group { kind: KIND_MODEL profile: "p" host_policy: "h" passive: true rate_limiter { priority: 1 } }
      optimization { priority: PRIORITY_MAX cuda { graphs: true } input_pinned_memory { enable: true } eager_batching: true }`),
  );
});
