// The graphs of the models that Triton's own examples and tests use, authored as ONNX.
import { type OnnxGraph, onnxNode, onnxTensor, onnxValue } from '@weft/convert';

/** OUTPUT0 = INPUT0 + INPUT1 and OUTPUT1 = INPUT0 − INPUT1, of rows of 16: the model of Triton's quick start. */
export function addAndSubtract(): OnnxGraph {
  const rows = ['rows', 16];
  return {
    inputs: [onnxValue('INPUT0', 'INT32', rows), onnxValue('INPUT1', 'INT32', rows)],
    outputs: [onnxValue('OUTPUT0', 'INT32', rows), onnxValue('OUTPUT1', 'INT32', rows)],
    nodes: [
      onnxNode('Add', { inputs: ['INPUT0', 'INPUT1'], outputs: ['OUTPUT0'] }),
      onnxNode('Sub', { inputs: ['INPUT0', 'INPUT1'], outputs: ['OUTPUT1'] }),
    ],
  };
}

const int32Element = { to: { int: 6 } };
const stringElement = { to: { int: 8 } };

/** The same of numbers that are written as text. */
export function addAndSubtractText(): OnnxGraph {
  const rows = ['rows', 16];
  return {
    inputs: [onnxValue('INPUT0', 'BYTES', rows), onnxValue('INPUT1', 'BYTES', rows)],
    outputs: [onnxValue('OUTPUT0', 'BYTES', rows), onnxValue('OUTPUT1', 'BYTES', rows)],
    nodes: [
      onnxNode('Cast', { inputs: ['INPUT0'], outputs: ['a'], attributes: int32Element }),
      onnxNode('Cast', { inputs: ['INPUT1'], outputs: ['b'], attributes: int32Element }),
      onnxNode('Add', { inputs: ['a', 'b'], outputs: ['sum'] }),
      onnxNode('Sub', { inputs: ['a', 'b'], outputs: ['difference'] }),
      onnxNode('Cast', { inputs: ['sum'], outputs: ['OUTPUT0'], attributes: stringElement }),
      onnxNode('Cast', { inputs: ['difference'], outputs: ['OUTPUT1'], attributes: stringElement }),
    ],
  };
}

/** OUTPUT = INPUT at a sequence's start, INPUT + what it had before afterwards: implicit state, as Triton's documentation has it. */
export function accumulator(): OnnxGraph {
  const one = ['rows', 1];
  return {
    inputs: [
      onnxValue('INPUT', 'INT32', one),
      onnxValue('START', 'INT32', one),
      onnxValue('INPUT_STATE', 'INT32', one),
    ],
    outputs: [onnxValue('OUTPUT', 'INT32', one), onnxValue('OUTPUT_STATE', 'INT32', one)],
    initializers: [onnxTensor('one', { datatype: 'INT32', shape: [1], elements: [1] })],
    nodes: [
      onnxNode('Sub', { inputs: ['one', 'START'], outputs: ['goes_on'] }),
      onnxNode('Mul', { inputs: ['INPUT_STATE', 'goes_on'], outputs: ['before'] }),
      onnxNode('Add', { inputs: ['INPUT', 'before'], outputs: ['OUTPUT'] }),
      onnxNode('Identity', { inputs: ['OUTPUT'], outputs: ['OUTPUT_STATE'] }),
    ],
  };
}

/** The accumulator of Triton's dynamic sequence example: the answer to a sequence's last request has its id added. */
export function accumulatorWithId(): OnnxGraph {
  const one = ['rows', 1];
  const { inputs, outputs, initializers = [] } = accumulator();
  return {
    inputs: [...inputs, onnxValue('END', 'INT32', one), onnxValue('CORRID', 'UINT64', one)],
    outputs,
    initializers,
    nodes: [
      onnxNode('Sub', { inputs: ['one', 'START'], outputs: ['goes_on'] }),
      onnxNode('Mul', { inputs: ['INPUT_STATE', 'goes_on'], outputs: ['before'] }),
      onnxNode('Add', { inputs: ['INPUT', 'before'], outputs: ['OUTPUT_STATE'] }),
      onnxNode('Cast', { inputs: ['CORRID'], outputs: ['id'], attributes: int32Element }),
      onnxNode('Mul', { inputs: ['id', 'END'], outputs: ['id_at_end'] }),
      onnxNode('Add', { inputs: ['OUTPUT_STATE', 'id_at_end'], outputs: ['OUTPUT'] }),
    ],
  };
}

/** Gives back the control inputs that the server has made, in their order: START, END, READY. No state. */
export function controlsAsGiven(): OnnxGraph {
  const one = ['rows', 1];
  return {
    inputs: [
      onnxValue('INPUT', 'FP32', one),
      onnxValue('START', 'FP32', one),
      onnxValue('END', 'FP32', one),
      onnxValue('READY', 'FP32', one),
    ],
    outputs: [onnxValue('OUTPUT', 'FP32', ['rows', 4])],
    nodes: [
      onnxNode('Concat', {
        inputs: ['INPUT', 'START', 'END', 'READY'],
        outputs: ['OUTPUT'],
        attributes: { axis: { int: 1 } },
      }),
    ],
  };
}

/** OUTPUT0 = INPUT0, of any shape that the configuration gives. */
export function sameAgain(datatype: Parameters<typeof onnxValue>[1], shape: readonly (number | string)[]): OnnxGraph {
  return {
    inputs: [onnxValue('INPUT0', datatype, shape)],
    outputs: [onnxValue('OUTPUT0', datatype, shape)],
    nodes: [onnxNode('Identity', { inputs: ['INPUT0'], outputs: ['OUTPUT0'] })],
  };
}

/** OUTPUT0 = INPUT0 + constant: tells versions apart. */
export function addConstant(constant: number): OnnxGraph {
  return {
    inputs: [onnxValue('INPUT0', 'INT32', ['rows', 4])],
    outputs: [onnxValue('OUTPUT0', 'INT32', ['rows', 4])],
    initializers: [onnxTensor('c', { datatype: 'INT32', shape: [], elements: [constant] })],
    nodes: [onnxNode('Add', { inputs: ['INPUT0', 'c'], outputs: ['OUTPUT0'] })],
  };
}
