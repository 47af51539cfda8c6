// The model that every server serves: a small encoder of FP32 rows, [n, 256] → [n, 256]. Each row is four tokens of 64
// values that go through six layers of matrix products with one set of weights. Seventy megabytes of weights have to be read
// for a run, however many rows it has, so a batch gains; and each row has real work of its own.
import { onnxNode, onnxTensor, onnxValue } from '@weft/convert';
import { createRandom, type Random } from '@weft/flow/simulation';
import type { AuthoredModel } from '../scratch-folder.ts';

export const rowSize = 256;
export const maxRows = 32;

const tokens = 4;
const width = 2048;
const layers = 6;

/** Random weights that keep the size of what goes through a layer and its ReLU. */
function weights(random: Random, rows: number, columns: number): Float32Array {
  const scale = 2 * Math.sqrt(6 / rows);
  return Float32Array.from({ length: rows * columns }, () => (random.uniform() - 0.5) * scale);
}

export function encoderModel(): AuthoredModel {
  const random = createRandom(1);
  const matrix = (name: string, rows: number, columns: number) =>
    onnxTensor(name, { datatype: 'FP32', shape: [rows, columns], elements: weights(random, rows, columns) });
  const sizes = [rowSize / tokens, ...Array.from({ length: layers - 1 }, () => width), rowSize];
  const steps = sizes.slice(1).map((columns, layer) => ({ layer, rows: sizes[layer] as number, columns }));
  const shape = (name: string, columns: number) =>
    onnxTensor(name, { datatype: 'INT64', shape: [2], elements: BigInt64Array.of(-1n, BigInt(columns)) });
  return {
    name: 'encoder',
    maxBatchSize: maxRows,
    graph: {
      inputs: [onnxValue('x', 'FP32', ['n', rowSize])],
      outputs: [onnxValue('y', 'FP32', ['n', rowSize])],
      initializers: [
        shape('token_shape', rowSize / tokens),
        shape('row_shape', tokens * rowSize),
        ...steps.map(({ layer, rows, columns }) => matrix(`w${layer}`, rows, columns)),
        matrix('w', tokens * rowSize, rowSize),
      ],
      nodes: [
        onnxNode('Reshape', { inputs: ['x', 'token_shape'], outputs: ['h0'] }),
        ...steps.flatMap(({ layer }) => [
          onnxNode('MatMul', { inputs: [`h${layer}`, `w${layer}`], outputs: [`p${layer}`] }),
          onnxNode('Relu', { inputs: [`p${layer}`], outputs: [`h${layer + 1}`] }),
        ]),
        onnxNode('Reshape', { inputs: [`h${layers}`, 'row_shape'], outputs: ['flat'] }),
        onnxNode('MatMul', { inputs: ['flat', 'w'], outputs: ['y'] }),
      ],
    },
  };
}

/** Rows to be sent in turns: different ones, so that an answer to somebody else is noticed. */
export function encoderRows(count: number): Float32Array[] {
  const random = createRandom(2);
  return Array.from({ length: count }, () => Float32Array.from({ length: rowSize }, () => 2 * random.uniform() - 1));
}
