// For tests: TensorFlow.js as the reference that a converted model is compared with. It runs on its wasm backend, reads
// and writes models as local files, and knows the custom layers of the super-resolution models.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, loadLayersModel, type Shape } from '@tensorflow/tfjs-layers';
import { temporaryFolder } from './temporary-folder.ts';

interface MultiplyBetaConfig {
  readonly name?: string;
  readonly beta?: number;
}

class MultiplyBeta extends layers.Layer {
  static readonly className = 'MultiplyBeta';
  readonly #beta: number;

  constructor(config: MultiplyBetaConfig) {
    super({ ...config });
    this.#beta = config.beta ?? 0.2;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul(only(inputs), this.#beta);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), beta: this.#beta };
  }
}

interface PixelShuffleConfig {
  readonly name?: string;
  readonly scale: number;
}

class PixelShuffle extends layers.Layer {
  static readonly className = 'PixelShuffle';
  readonly #scale: number;

  constructor(config: PixelShuffleConfig) {
    super({ ...config });
    this.#scale = config.scale;
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    const [batch = null, height = null, width = null, channels = null] = shape as Shape;
    const grow = (size: number | null) => (size === null ? null : size * this.#scale);
    return [batch, grow(height), grow(width), channels === null ? null : channels / this.#scale ** 2];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.depthToSpace(only(inputs) as tf.Tensor4D, this.#scale, 'NHWC');
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), scale: this.#scale };
  }
}

export const customLayers = { MultiplyBeta, PixelShuffle };

function only(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  const [tensor] = Array.isArray(inputs) ? inputs : [inputs];
  if (tensor === undefined) throw new Error('a layer was called without input');
  return tensor;
}

/** Makes TensorFlow.js ready; call it once, before anything else here. */
export async function startTfjs(): Promise<void> {
  tf.env().set('IS_TEST', true);
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(entry) + sep);
  tf.serialization.registerClass(MultiplyBeta);
  tf.serialization.registerClass(PixelShuffle);
  await tf.setBackend('wasm');
}

/** Loads a model whose weights are one shard beside its model.json. */
export async function loadTfjsModel(modelJsonPath: string): Promise<LayersModel> {
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(modelJsonPath, 'utf8'));
  const [{ paths, weights }] = weightsManifest;
  const shard = await readFile(join(dirname(modelJsonPath), paths[0]));
  const weightData = Uint8Array.from(shard).buffer;
  return loadLayersModel({ load: async () => ({ modelTopology, weightSpecs: weights, weightData }) });
}

/** Saves a model into a new folder; gives back the path of its model.json. */
export async function saveTfjsModel(model: LayersModel): Promise<string> {
  const folder = temporaryFolder();
  const path = join(folder, 'model.json');
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData }) => {
      const shard = Buffer.from(weightData as ArrayBuffer);
      await writeFile(join(folder, 'weights.bin'), shard);
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await writeFile(path, JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest }));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
  });
  return path;
}

export interface FloatTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The model's outputs, in order. */
export function inferTfjs(model: LayersModel, inputs: readonly FloatTensor[]): FloatTensor[] {
  return tf.tidy(() => {
    const tensors = inputs.map(({ shape, values }) => tf.tensor(values, [...shape]));
    const result = model.predict(tensors.length === 1 && tensors[0] !== undefined ? tensors[0] : tensors);
    return (Array.isArray(result) ? result : [result]).map((tensor) => ({
      shape: tensor.shape,
      values: tensor.dataSync() as Float32Array,
    }));
  });
}
