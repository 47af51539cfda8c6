import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseConfigText } from '../config-file.ts';
import { readEnsemble } from './read-ensemble.ts';

const ends = `
  input { name: "IN" data_type: TYPE_FP32 dims: [ 3 ] }
  output { name: "OUT" data_type: TYPE_STRING dims: [ -1 ] }`;

/** `IN -> OUT`: what it reads and what it writes. */
function step(model: string, wires: string, more = ''): string {
  const [reads = '', writes = ''] = wires.split(' -> ');
  const maps = (names: string, side: string, kind: string): string =>
    names
      .split(' ')
      .map((tensor, index) => `${kind}_map { key: "${side}${index}" value: "${tensor}" }`)
      .join(' ');
  return `step { model_name: "${model}" ${more} ${maps(reads, 'x', 'input')} ${maps(writes, 'y', 'output')} }`;
}

function ensemble(steps: string, more = ends): string {
  return `name: "e" platform: "ensemble" max_batch_size: 8 ${more} ensemble_scheduling { ${steps} }`;
}

const read = (text: string) => readEnsemble(parseConfigText(text));

const refuses = (text: string, message: string): void =>
  assert.throws(() => read(text), { code: 'INVALID_ARGUMENT', message });

test('an ensemble is read with its wires, in the order of its steps, and shapes that begin with the batch', () => {
  const steps = `${step('last', 'mid IN -> OUT', 'model_version: 3')} ${step('first', 'IN -> mid', 'model_version: -1')}`;
  assert.deepEqual(read(ensemble(steps)), {
    model: 'e',
    maxBatchSize: 8,
    inputs: [{ name: 'IN', datatype: 'FP32', shape: [-1, 3] }],
    outputs: [{ name: 'OUT', datatype: 'BYTES', shape: [-1, -1] }],
    optional: new Set(),
    steps: [
      {
        title: "step 1 'last'",
        model: 'last',
        version: '3',
        inputs: [
          { name: 'x0', tensor: 'mid' },
          { name: 'x1', tensor: 'IN' },
        ],
        outputs: [{ name: 'y0', tensor: 'OUT' }],
      },
      {
        title: "step 2 'first'",
        model: 'first',
        version: '',
        inputs: [{ name: 'x0', tensor: 'IN' }],
        outputs: [{ name: 'y0', tensor: 'mid' }],
      },
    ],
  });
});

test('a step without a version means the newest', () => {
  assert.equal(read(ensemble(step('m', 'IN -> OUT'))).steps[0]?.version, '');
});

describe('a configuration is refused', () => {
  const sound = step('m', 'IN -> OUT');

  test('that has steps and another platform, or the platform and no steps', () => {
    const foreign = ensemble(sound).replace('"ensemble"', '"onnxruntime_onnx"');
    refuses(foreign, "ensemble scheduling cannot be set for model 'e' whose platform is not ensemble");
    const bare = `name: "e" platform: "ensemble" ${ends}`;
    refuses(bare, "ensemble scheduling must be set for ensemble 'e' whose platform is ensemble");
    refuses(ensemble(''), "must specify 'step' for ensemble 'e'");
  });

  test('with what only models with instances have', () => {
    const groups = ensemble(sound, `${ends} instance_group { count: 2 }`);
    refuses(groups, "instance group should not be specified for ensemble 'e'");
    const warmup = ensemble(sound, `${ends} model_warmup { name: "w" }`);
    refuses(warmup, "model_warmup should not be specified for ensemble 'e'");
  });

  test('that leaves open what a step is', () => {
    refuses(ensemble(step('', 'IN -> OUT')), "must specify 'model_name' in step 1");
    refuses(ensemble('step { model_name: "m" }'), "must specify 'input_map' in step 1 'm'");
    const deaf = 'step { model_name: "m" input_map { key: "x" value: "IN" } }';
    refuses(ensemble(deaf), "must specify 'output_map' in step 1 'm'");
    refuses(
      ensemble(step('m', 'IN -> OUT', 'model_version: -2')),
      "step 1 'm': model_version is -2; -1 means the newest",
    );
    const loose = 'step { model_name: "m" input_map { key: "x" value: "" } output_map { key: "y" value: "OUT" } }';
    refuses(ensemble(loose), "step 1 'm' maps 'x' to '': both must be named");
    refuses(ensemble(step('e', 'IN -> OUT')), "step 1 'e' of ensemble 'e' is the ensemble itself");
  });

  test('without inputs or outputs, or with one that has no datatype or is there twice', () => {
    const [input = '', output = ''] = ends.trim().split('\n');
    refuses(ensemble(sound, output), "must specify 'input' for ensemble 'e'");
    refuses(ensemble(sound, input), "must specify 'output' for ensemble 'e'");
    refuses(ensemble(sound, `input { name: "IN" } ${output}`), "input 'IN' of ensemble 'e' has no datatype");
    refuses(ensemble(sound, ends + output), "output 'OUT' of ensemble 'e' is there twice");
  });

  test('in which a tensor is written twice, by steps or by the client', () => {
    const twice = `${step('a', 'IN -> OUT')} ${step('b', 'IN -> OUT')}`;
    refuses(ensemble(twice), "tensor 'OUT' of ensemble 'e' is written twice: by step 1 'a' and step 2 'b'");
    const over = `${step('a', 'IN -> OUT')} ${step('b', 'OUT -> IN')}`;
    refuses(ensemble(over), "tensor 'IN' of ensemble 'e' is written twice: by input 'IN' and step 2 'b'");
  });

  test('in which a tensor is read and not written, or written and not read', () => {
    refuses(
      ensemble(step('m', 'IN gone -> OUT')),
      "tensor 'gone' of ensemble 'e', which step 1 'm' reads, is not written",
    );
    refuses(ensemble(step('m', 'IN -> other')), "output 'OUT' of ensemble 'e' is written by no step");
    refuses(ensemble(step('m', 'IN -> OUT waste')), "tensor 'waste' of ensemble 'e' is unused: only step 1 'm' has it");
    const idle = `${ends} input { name: "MORE" data_type: TYPE_FP32 dims: [ 1 ] }`;
    refuses(ensemble(sound, idle), "tensor 'MORE' of ensemble 'e' is unused: only input 'MORE' has it");
  });

  test('that hands an input out as an output', () => {
    const same =
      'input { name: "T" data_type: TYPE_FP32 dims: [ 1 ] } output { name: "T" data_type: TYPE_FP32 dims: [ 1 ] }';
    const out = 'output { name: "OUT" data_type: TYPE_FP32 dims: [ 1 ] }';
    refuses(ensemble(step('m', 'T -> OUT'), same + out), "output 'T' of ensemble 'e' is one of its inputs");
  });

  test('that goes in a circle, naming those that wait for each other', () => {
    const circle = `${step('a', 'IN -> p')} ${step('b', 'p r -> q')} ${step('c', 'q -> r OUT')}`;
    refuses(ensemble(circle), "ensemble 'e' goes in a circle: step 2 'b', step 3 'c'");
    refuses(ensemble(step('a', 'IN OUT -> OUT')), "ensemble 'e' goes in a circle: step 1 'a'");
  });
});
