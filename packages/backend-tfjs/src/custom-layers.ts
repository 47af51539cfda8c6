// Layers that Keras and TensorFlow.js do not have, but models on npm use: those of the super-resolution GANs trained
// with idealo's image-super-resolution. A model.json names them by class; their settings are in the layer's config.
import { depthToSpace, mul, serialization, type Tensor } from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';

type LayerConfig = ConstructorParameters<typeof layers.Layer>[0];

/** A constant factor: what a residual block weighs its branch with. */
class MultiplyBeta extends layers.Layer {
  static className = 'MultiplyBeta';
  readonly #beta: number;

  constructor(config: LayerConfig & { beta?: number }) {
    super(config);
    this.#beta = config.beta ?? 0.2;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return mul(single(inputs), this.#beta);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), beta: this.#beta };
  }
}

/** Moves blocks of scale × scale channels into the plane: [n,h,w,c·s²] → [n,h·s,w·s,c]. */
class PixelShuffle extends layers.Layer {
  static className = 'PixelShuffle';
  readonly #scale: number;

  constructor(config: LayerConfig & { scale?: number }) {
    super(config);
    if (!Number.isInteger(config.scale)) throw new TypeError('PixelShuffle needs a scale');
    this.#scale = config.scale as number;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return depthToSpace(single(inputs) as Tensor<never>, this.#scale, 'NHWC');
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    const [rows, height, width, channels] = shape as [number, number | null, number | null, number];
    const scaled = (size: number | null) => (size === null ? null : size * this.#scale);
    return [rows, scaled(height), scaled(width), channels / this.#scale ** 2];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), scale: this.#scale };
  }
}

/** Makes the layers known to the library, in this thread, before a model is loaded. */
export function registerCustomLayers(): void {
  for (const layer of [MultiplyBeta, PixelShuffle]) serialization.registerClass(layer as never);
}

function single(inputs: Tensor | Tensor[]): Tensor {
  return Array.isArray(inputs) ? (inputs[0] as Tensor) : inputs;
}
