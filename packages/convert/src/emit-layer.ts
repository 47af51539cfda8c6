// The layers that can be converted, by class name. To support another layer, write its EmitLayer and add a row here
// and one in the test beside this file, which compares every row with TensorFlow.js.
import { type EmitLayer, onlyInput } from './layer-call.ts';
import {
  emitActivation,
  emitELU,
  emitLeakyReLU,
  emitPReLU,
  emitReLU,
  emitSoftmax,
  emitThresholdedReLU,
} from './layers/activation.ts';
import {
  emitConv1D,
  emitConv2D,
  emitConv2DTranspose,
  emitDepthwiseConv2D,
  emitSeparableConv2D,
} from './layers/convolution.ts';
import { emitDense } from './layers/dense.ts';
import { emitCropping2D, emitPixelShuffle, emitUpSampling2D, emitZeroPadding2D } from './layers/image.ts';
import { emitConcatenate, emitMerge } from './layers/merge.ts';
import { emitBatchNormalization, emitLayerNormalization } from './layers/normalization.ts';
import { emitGlobalPooling, emitPooling } from './layers/pooling.ts';
import { emitMultiplyBeta, emitRescaling } from './layers/scaling.ts';
import { emitFlatten, emitPermute, emitReshape } from './layers/shape.ts';

/** Layers that do something in training only. */
const emitInput: EmitLayer = (call) => onlyInput(call);

const emitters: ReadonlyMap<string, EmitLayer> = new Map([
  ['Activation', emitActivation],
  ['Add', emitMerge('Sum', true)],
  ['AlphaDropout', emitInput],
  ['Average', emitMerge('Mean', true)],
  ['AveragePooling1D', emitPooling('AveragePool', 1)],
  ['AveragePooling2D', emitPooling('AveragePool', 2)],
  ['BatchNormalization', emitBatchNormalization],
  ['Concatenate', emitConcatenate],
  ['Conv1D', emitConv1D],
  ['Conv2D', emitConv2D],
  ['Conv2DTranspose', emitConv2DTranspose],
  ['Cropping2D', emitCropping2D],
  ['Dense', emitDense],
  ['DepthwiseConv2D', emitDepthwiseConv2D],
  ['Dropout', emitInput],
  ['ELU', emitELU],
  ['Flatten', emitFlatten],
  ['GaussianDropout', emitInput],
  ['GaussianNoise', emitInput],
  ['GlobalAveragePooling1D', emitGlobalPooling('GlobalAveragePool', 1)],
  ['GlobalAveragePooling2D', emitGlobalPooling('GlobalAveragePool', 2)],
  ['GlobalMaxPooling1D', emitGlobalPooling('GlobalMaxPool', 1)],
  ['GlobalMaxPooling2D', emitGlobalPooling('GlobalMaxPool', 2)],
  ['LayerNormalization', emitLayerNormalization],
  ['LeakyReLU', emitLeakyReLU],
  ['MaxPooling1D', emitPooling('MaxPool', 1)],
  ['MaxPooling2D', emitPooling('MaxPool', 2)],
  ['Maximum', emitMerge('Max', true)],
  ['Minimum', emitMerge('Min', true)],
  ['Multiply', emitMerge('Mul', false)],
  ['MultiplyBeta', emitMultiplyBeta],
  ['PReLU', emitPReLU],
  ['Permute', emitPermute],
  ['ReLU', emitReLU],
  ['Rescaling', emitRescaling],
  ['Reshape', emitReshape],
  ['SeparableConv2D', emitSeparableConv2D],
  ['Softmax', emitSoftmax],
  ['SpatialDropout1D', emitInput],
  ['ThresholdedReLU', emitThresholdedReLU],
  ['UpSampling2D', emitUpSampling2D],
  ['ZeroPadding2D', emitZeroPadding2D],
] satisfies [string, EmitLayer][]);

/** The converter of a layer class; undefined for a class that cannot be converted. */
export function emitterOf(className: string): EmitLayer | undefined {
  return /^PixelShuffle(\d+x)?$/.test(className) ? emitPixelShuffle : emitters.get(className);
}

export const supportedLayers: readonly string[] = [...emitters.keys(), 'PixelShuffle'].sort();
