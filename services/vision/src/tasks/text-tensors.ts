// What ModelInfer offers of a reader of text: an image file in, one element of each output for each line.
import { invalidArgument } from '@weft/errors';
import type { TensorInterface } from '@weft/runtime';
import { float32Tensor, stringTensor, type Tensor } from '@weft/tensor';
import type { ReadLine } from './page-reader.ts';

export function textTensors(read: (bytes: Uint8Array) => Promise<readonly ReadLine[]>): TensorInterface {
  return {
    inputs: [{ name: 'image', datatype: 'BYTES', shape: [1] }],
    outputs: [
      { name: 'text', datatype: 'BYTES', shape: [-1] },
      { name: 'score', datatype: 'FP32', shape: [-1] },
      { name: 'polygon', datatype: 'FP32', shape: [-1, 4, 2] },
    ],
    async run(feeds, outputNames) {
      const [bytes, ...others] = feeds['image']?.elements ?? [];
      if (!(bytes instanceof Uint8Array) || others.length > 0)
        throw invalidArgument('image: expected one element of BYTES');
      const lines = await read(bytes);
      const all: Record<string, Tensor> = {
        text: stringTensor(
          [lines.length],
          lines.map(({ text }) => text),
        ),
        score: float32Tensor(
          [lines.length],
          Float32Array.from(lines, ({ score }) => score),
        ),
        polygon: float32Tensor(
          [lines.length, 4, 2],
          Float32Array.from(lines.flatMap(({ polygon }) => polygon.flatMap(({ x, y }) => [x, y]))),
        ),
      };
      return Object.fromEntries((outputNames ?? Object.keys(all)).map((name) => [name, chosen(all, name)]));
    },
  };
}

function chosen(all: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const tensor = all[name];
  if (tensor === undefined) throw invalidArgument(`unknown output '${name}'`);
  return tensor;
}
