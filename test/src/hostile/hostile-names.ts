// Inference requests with inputs and outputs that the model has not, has once only, or keeps to itself.
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import { inferFloats } from '../testing/infer-request.ts';
import { pair } from './hostile-mesh.ts';
import { type InferCases, invalid, rows } from './hostile-tensors.ts';

const named = (name: string): ModelInferRequest => ({
  ...rows([1, 16]),
  inputs: [{ name, datatype: 'FP32', shape: [1, 16] }],
});
const asking = (...names: string[]): ModelInferRequest => ({
  ...rows([1, 16]),
  outputs: names.map((name) => ({ name })),
});

export const nameCases: InferCases = {
  'no input': [{ modelName: 'rows' }, invalid("expected 1 inputs but got 0 inputs for model 'rows'")],
  'one input of two': [
    {
      modelName: 'both',
      inputs: [{ name: 'a', datatype: 'FP32', shape: [1, 3] }],
      rawInputContents: [Buffer.alloc(12)],
    },
    invalid("expected 2 inputs but got 1 inputs for model 'both'"),
  ],
  'no input where some are optional': [
    { modelName: 'optional' },
    invalid("expected number of inputs between 1 and 2 but got 0 inputs for model 'optional'"),
  ],
  'the optional input alone': [
    {
      modelName: 'optional',
      inputs: [{ name: 'b', datatype: 'FP32', shape: [1, 3] }],
      rawInputContents: [Buffer.alloc(12)],
    },
    invalid("expected number of inputs between 1 and 2 but got 1 inputs for model 'optional'"),
  ],
  'an input twice': [
    { ...pair('both'), inputs: ['a', 'a'].map((name) => ({ name, datatype: 'FP32', shape: [1, 3] })) },
    invalid("input 'a' is given twice"),
  ],
  'an input without a name': [named(''), invalid("unexpected inference input '' for model 'rows'")],
  'an input of another case': [named('X'), invalid("unexpected inference input 'X' for model 'rows'")],
  'an input with NUL': [named('x\0'), invalid("unexpected inference input 'x\0' for model 'rows'")],
  'an input of the prototype': [named('__proto__'), invalid("unexpected inference input '__proto__' for model 'rows'")],
  'an input that every object has': [
    named('constructor'),
    invalid("unexpected inference input 'constructor' for model 'rows'"),
  ],
  'an input that the server makes': [
    {
      ...inferFloats('sequence', [1], { shape: [1, 1], input: 'START' }),
      parameters: { sequence_id: { int64Param: 9 }, sequence_start: { boolParam: true } },
    },
    invalid("unexpected inference input 'START' for model 'sequence'"),
  ],
  'an input of a hundred thousand letters': [
    named('x'.repeat(100_000)),
    /^INVALID_ARGUMENT unexpected inference input 'x{1000}/,
  ],
  'ten thousand inputs': [
    {
      modelName: 'rows',
      inputs: Array.from({ length: 10_000 }, (_, at) => ({ name: `x${at}`, datatype: 'FP32', shape: [0] })),
    },
    invalid("unexpected inference input 'x0' for model 'rows'"),
  ],
  'an unknown output': [asking('z'), invalid("unexpected inference output 'z' for model 'rows'")],
  'an unknown output beside a known one': [
    asking('y', 'z'),
    invalid("unexpected inference output 'z' for model 'rows'"),
  ],
  'an output without a name': [asking(''), invalid("unexpected inference output '' for model 'rows'")],
  'an output of the prototype': [
    asking('__proto__'),
    invalid("unexpected inference output '__proto__' for model 'rows'"),
  ],
  'the state of a sequence as an output': [
    {
      ...inferFloats('sequence', [1], { shape: [1, 1] }),
      outputs: [{ name: 'after' }],
      parameters: { sequence_id: { int64Param: 9 }, sequence_start: { boolParam: true } },
    },
    invalid("unexpected inference output 'after' for model 'sequence'"),
  ],
  'an unknown input of an ensemble': [
    inferFloats('chain', [1, 2], { input: 'z' }),
    invalid("unexpected inference input 'z' for model 'chain'"),
  ],
  'an inner tensor of an ensemble': [
    { ...inferFloats('chain', [1, 2]), outputs: [{ name: 'm' }] },
    invalid("unexpected inference output 'm' for model 'chain'"),
  ],
  'another shape for an ensemble': [
    inferFloats('chain', [1, 2, 3]),
    invalid("unexpected shape for input 'x' for model 'chain'. Expected [-1,2], got [1,3]"),
  ],
  'another shape for a model whose answers are kept': [
    inferFloats('cached', [1, 2, 3]),
    invalid("unexpected shape for input 'x' for model 'cached'. Expected [-1,2], got [1,3]"),
  ],
};
