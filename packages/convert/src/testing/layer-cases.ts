// For tests: small TensorFlow.js graphs, some for each layer class, for the comparison in emit-layer.test.ts. Sizes are odd
// and unequal, so that a swapped axis or a wrong padding shows.
import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { customLayers } from './tfjs-reference.ts';

export type Layer = InstanceType<typeof layers.Layer>;
export type Build = (...inputs: SymbolicTensor[]) => SymbolicTensor;

export interface LayerCase {
  readonly title: string;
  /** Shapes without the batch. */
  readonly inputs: readonly (readonly number[])[];
  readonly build: Build;
}

export const image = [9, 7, 6];
const row = [11, 5];
const vector = [8];

export const layerCases: LayerCase[] = [];

/** A case with one layer on one input. The title is the class name, and after a colon what is special. */
function one(title: string, shape: readonly number[], layer: () => Layer): void {
  layerCases.push({ title, inputs: [shape], build: (x) => callLayer(layer(), x) });
}

/** A case with one layer on several inputs. */
function several(title: string, shapes: readonly (readonly number[])[], layer: () => Layer): void {
  layerCases.push({ title, inputs: shapes, build: (...inputs) => callLayer(layer(), inputs) });
}

export function callLayer(layer: Layer, x: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
  return layer.apply(x) as SymbolicTensor;
}

for (const padding of ['valid', 'same'] as const) {
  for (const strides of [1, 2, 3]) {
    const detail = `${padding}, strides ${strides}`;
    one(`Conv1D: ${detail}`, row, () => layers.conv1d({ filters: 4, kernelSize: 3, strides, padding }));
    one(`Conv2D: ${detail}`, image, () =>
      layers.conv2d({ filters: 4, kernelSize: [3, 2], strides, padding, activation: 'relu' }),
    );
    one(`DepthwiseConv2D: ${detail}`, image, () =>
      layers.depthwiseConv2d({ kernelSize: [3, 4], strides, padding, depthMultiplier: 2 }),
    );
    one(`SeparableConv2D: ${detail}`, image, () =>
      layers.separableConv2d({ filters: 5, kernelSize: 3, strides, padding, depthMultiplier: 2, activation: 'tanh' }),
    );
    for (const kernelSize of [2, 3, 4]) {
      one(`Conv2DTranspose: ${detail}, kernel ${kernelSize}`, image, () =>
        layers.conv2dTranspose({ filters: 4, kernelSize, strides, padding, useBias: kernelSize !== 3 }),
      );
    }
    one(`MaxPooling1D: ${detail}`, row, () => layers.maxPooling1d({ poolSize: 3, strides, padding }));
    one(`AveragePooling1D: ${detail}`, row, () => layers.averagePooling1d({ poolSize: 2, strides, padding }));
    one(`MaxPooling2D: ${detail}`, image, () =>
      layers.maxPooling2d({ poolSize: [3, 2], strides: [strides, 2], padding }),
    );
    one(`AveragePooling2D: ${detail}`, image, () =>
      layers.averagePooling2d({ poolSize: [2, 3], strides: [strides, strides], padding }),
    );
  }
}
one('Conv2D: same, dilated', image, () =>
  layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', dilationRate: 2, useBias: false }),
);
one('Conv2D: valid, dilated', image, () => layers.conv2d({ filters: 4, kernelSize: 2, dilationRate: [3, 2] }));
one('SeparableConv2D: dilated', image, () =>
  layers.separableConv2d({ filters: 4, kernelSize: 3, dilationRate: 2, useBias: false }),
);
one('MaxPooling2D: default', image, () => layers.maxPooling2d({}));
one('GlobalAveragePooling1D', row, () => layers.globalAveragePooling1d({}));
one('GlobalAveragePooling2D', image, () => layers.globalAveragePooling2d({}));
one('GlobalMaxPooling1D', row, () => layers.globalMaxPooling1d({}));
one('GlobalMaxPooling2D', image, () => layers.globalMaxPooling2d({}));

for (const shape of [vector, row, image]) {
  const detail = `${shape.length + 1} axes`;
  one(`Dense: ${detail}`, shape, () => layers.dense({ units: 4, activation: 'sigmoid' }));
  one(`Dense: ${detail}, no bias`, shape, () => layers.dense({ units: 3, useBias: false }));
  one(`BatchNormalization: ${detail}`, shape, () => layers.batchNormalization({}));
  one(`LayerNormalization: ${detail}`, shape, () => layers.layerNormalization({ epsilon: 0.01 }));
  one(`PReLU: ${detail}`, shape, () => layers.prelu({}));
  one(`Softmax: ${detail}`, shape, () => layers.softmax({ axis: -1 }));
}
one('BatchNormalization: no scale', image, () => layers.batchNormalization({ axis: 3, scale: false }));
one('BatchNormalization: no centre', image, () => layers.batchNormalization({ center: false, epsilon: 0.1 }));
one('LayerNormalization: plain', row, () => layers.layerNormalization({ scale: false, center: false }));
one('PReLU: shared axes', image, () => layers.prelu({ sharedAxes: [1, 2] }));

const names =
  'linear relu relu6 sigmoid hardSigmoid tanh softmax logSoftmax elu selu softplus softsign swish mish'.split(' ');
for (const name of names) one(`Activation: ${name}`, image, () => layers.activation({ activation: name as 'relu' }));
one('Activation: gelu', image, () => layers.activation({ activation: 'gelu' as 'relu' }));
one('ReLU', image, () => layers.reLU({}));
one('ReLU: with a maximum', image, () => layers.reLU({ maxValue: 0.5 }));
one('LeakyReLU', image, () => layers.leakyReLU({ alpha: 0.1 }));
one('ELU', image, () => layers.elu({}));
one('ThresholdedReLU', image, () => layers.thresholdedReLU({ theta: 0.4 }));

for (const [className, layer] of [
  ['Add', () => layers.add()],
  ['Multiply', () => layers.multiply()],
  ['Average', () => layers.average()],
  ['Maximum', () => layers.maximum()],
  ['Minimum', () => layers.minimum()],
] as const) {
  several(`${className}: two`, [image, image], layer);
  several(`${className}: three vectors`, [vector, vector, vector], layer);
  several(`${className}: stretching`, [image, [1, 1, 6]], layer);
}
several('Concatenate: last axis', [image, [9, 7, 2]], () => layers.concatenate());
several('Concatenate: axis 1', [image, [4, 7, 6]], () => layers.concatenate({ axis: 1 }));
several('Concatenate: vectors', [vector, vector, vector], () => layers.concatenate());

one('Flatten', image, () => layers.flatten());
one('Reshape: all sizes given', image, () => layers.reshape({ targetShape: [21, 18] }));
one('Reshape: one size open', image, () => layers.reshape({ targetShape: [7, -1, 3] }));
one('Permute', image, () => layers.permute({ dims: [3, 1, 2] }));
one('UpSampling2D: nearest', image, () => layers.upSampling2d({ size: [3, 2] }));
one('UpSampling2D: bilinear', image, () => layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' }));
one('ZeroPadding2D', image, () =>
  layers.zeroPadding2d({
    padding: [
      [1, 2],
      [0, 3],
    ],
  }),
);
one('Cropping2D', image, () =>
  layers.cropping2D({
    cropping: [
      [1, 2],
      [0, 3],
    ],
  }),
);
one('PixelShuffle', [3, 4, 12], () => new customLayers.PixelShuffle({ scale: 2 }));
one('MultiplyBeta', image, () => new customLayers.MultiplyBeta({ beta: 0.3 }));
one('Rescaling', image, () => layers.rescaling({ scale: 2, offset: -1 }));
one('Dropout', vector, () => layers.dropout({ rate: 0.5 }));
one('SpatialDropout1D', row, () => layers.spatialDropout1d({ rate: 0.5 }));
one('GaussianDropout', vector, () => layers.gaussianDropout({ rate: 0.5 }));
one('GaussianNoise', vector, () => layers.gaussianNoise({ stddev: 1 }));
one('AlphaDropout', vector, () => layers.alphaDropout({ rate: 0.5 }));

/** Classes whose cases are run with images of open height and width too, and the cases among them that need fixed sizes. */
export const anySize: ReadonlySet<string> = new Set([
  'Activation',
  'AveragePooling2D',
  'BatchNormalization',
  'Conv2D',
  'Conv2DTranspose',
  'Cropping2D',
  'DepthwiseConv2D',
  'GlobalAveragePooling2D',
  'GlobalMaxPooling2D',
  'MaxPooling2D',
  'PixelShuffle',
  'SeparableConv2D',
  'UpSampling2D',
  'ZeroPadding2D',
]);
export const fixedSize: ReadonlySet<string> = new Set(['Conv2D: same, strides 3', 'AveragePooling2D: same, strides 3']);
