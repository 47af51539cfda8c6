// A network whose work can be foretold: it doubles every pixel, and tells what it was fed.
import { type BackendModel, type Task, unmeasured } from '@weft/runtime';
import { float32Elements, float32Tensor, type Tensor, type TensorSpec } from '@weft/tensor';
import { superResolution } from '../tasks/super-resolution.ts';

export const anyImage: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, -1, -1, 3] };

export interface Doubling {
  readonly model: BackendModel;
  /** Every value that it was fed. */
  readonly fed: number[];
  /** Images of each run. */
  readonly runs: number[];
}

/** A model that doubles every pixel. */
export function doubling(inputs: readonly TensorSpec[] = [anyImage], factors = [2, 2]): Doubling {
  const [down, across] = factors as [number, number];
  const fed: number[] = [];
  const runs: number[] = [];
  const model: BackendModel = {
    inputs,
    outputs: [{ ...anyImage, name: 'y' }],
    placement: { provider: 'cpu', fallbackReason: '' },
    async run({ x }) {
      // Rows of several images lie under each other as those of one.
      const [images, height, width] = (x as Tensor).shape as [number, number, number, number];
      const pixels = float32Elements(x as Tensor);
      fed.push(...pixels);
      runs.push(images);
      const result = new Float32Array(images * height * down * width * across * 3);
      for (let at = 0; at < result.length; at++) {
        const [row, column] = [Math.floor(at / (width * across * 3)), Math.floor(at / 3) % (width * across)];
        result[at] = pixels[(Math.floor(row / down) * width + Math.floor(column / across)) * 3 + (at % 3)] as number;
      }
      return { y: float32Tensor([images, height * down, width * across, 3], result) };
    },
    async unload() {},
  };
  return { model, fed, runs };
}

const limits = { maxImagePixels: 1000, maxTextBytes: 1, maxTexts: 1 };

/** As the task of a model with these parameters. */
export function openDoubling(model: BackendModel, parameters: Readonly<Record<string, string>> = {}): Promise<Task> {
  return superResolution({
    modelName: 'm',
    modelVersion: '1',
    parameter: (name) => parameters[name],
    maxRows: () => 1,
    openModel: async () => model,
    file: () => '',
    limits,
    metrics: unmeasured,
  });
}
