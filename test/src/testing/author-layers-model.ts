// A TensorFlow.js layers model for tests: one dense layer of two units on rows of two, y = x · kernel + bias.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes `<repository>/<name>/1/model.json` with its weights beside it. */
export async function writeLayersModel(repository: string, name: string, config?: string): Promise<void> {
  const folder = join(repository, name, '1');
  await mkdir(folder, { recursive: true });
  const dense = {
    class_name: 'Dense',
    config: {
      name: 'dense',
      units: 2,
      activation: 'linear',
      use_bias: true,
      dtype: 'float32',
      batch_input_shape: [null, 2],
    },
  };
  const weights = [
    { name: 'dense/kernel', shape: [2, 2], dtype: 'float32' },
    { name: 'dense/bias', shape: [2], dtype: 'float32' },
  ];
  const model = {
    format: 'layers-model',
    generatedBy: 'test',
    modelTopology: {
      keras_version: '2.4.0',
      backend: 'tensorflow',
      model_config: { class_name: 'Sequential', config: { name: 'doubled', layers: [dense] } },
    },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
  await writeFile(join(folder, 'model.json'), JSON.stringify(model));
  await writeFile(join(folder, 'weights.bin'), Buffer.from(Float32Array.of(2, 0, 0, 3, 0.5, -0.5).buffer));
  if (config !== undefined) await writeFile(join(repository, name, 'config.pbtxt'), config);
}

/** What the model makes of a row. */
export const denseOf = ([a = 0, b = 0]: readonly number[]): number[] => [2 * a + 0.5, 3 * b - 0.5];
