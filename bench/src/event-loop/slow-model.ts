// A model that computes for as long as its input says: so many multiplications of a matrix in a loop, in one run.
import { onnxNode, onnxTensor, onnxValue } from '@weft/convert';
import { rpcMethod } from '@weft/rpc';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import { inferPath } from '../overhead/identity-model.ts';
import type { AuthoredModel } from '../scratch-folder.ts';

const size = 384;

// Each row sums to one, so that products neither grow nor vanish: numbers near zero would be slower to multiply.
const matrix = new Float32Array(size * size).map((_, at) =>
  Math.floor(at / size) === at % size ? 0.5 : 0.5 / (size - 1),
);

export const slowModel: AuthoredModel = {
  name: 'slow',
  maxBatchSize: 0,
  graph: {
    inputs: [onnxValue('count', 'INT64', [1])],
    outputs: [onnxValue('result', 'FP32', [])],
    initializers: [
      onnxTensor('matrix', { datatype: 'FP32', shape: [size, size], elements: matrix }),
      onnxTensor('yes', { datatype: 'BOOL', shape: [], elements: [1] }),
    ],
    nodes: [
      onnxNode('Loop', {
        inputs: ['count', 'yes', 'matrix'],
        outputs: ['product'],
        attributes: {
          body: {
            graph: {
              inputs: [
                onnxValue('i', 'INT64', []),
                onnxValue('going', 'BOOL', []),
                onnxValue('m', 'FP32', [size, size]),
              ],
              outputs: [onnxValue('still', 'BOOL', []), onnxValue('next', 'FP32', [size, size])],
              nodes: [
                onnxNode('Identity', { inputs: ['going'], outputs: ['still'] }),
                onnxNode('MatMul', { inputs: ['m', 'matrix'], outputs: ['next'] }),
              ],
            },
          },
        },
      }),
      onnxNode('ReduceMean', { inputs: ['product'], outputs: ['result'], attributes: { keepdims: { int: 0 } } }),
    ],
  },
};

/** An encoded request for `count` multiplications. */
export function slowRequest(count: number): Buffer {
  const content = Buffer.from(BigInt64Array.of(BigInt(count)).buffer);
  const request: ModelInferRequest = {
    modelName: slowModel.name,
    inputs: [{ name: 'count', datatype: 'INT64', shape: [1] }],
    rawInputContents: [content],
  };
  return rpcMethod(inferPath).encodeRequest(request);
}
