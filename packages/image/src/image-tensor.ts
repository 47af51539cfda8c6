// Between pixels and the floats of a model: (pixel − mean) × scale in the model's layout, a batch in one tensor, and
// back. Images narrower or lower than the tensor leave zeros at its right and bottom, which is the mean's own colour.
import { float32Tensor, type Tensor } from '@weft/tensor';
import { type RgbImage, rgbImage } from './rgb-image.ts';

export interface PixelScaling {
  readonly layout: 'NHWC' | 'NCHW';
  /** One number for each channel of the tensor, or one for all. Default 0. */
  readonly mean?: number | readonly [number, number, number];
  /** What the difference from the mean is multiplied with; default 1 / 255. */
  readonly scale?: number | readonly [number, number, number];
  /** The order of the tensor's channels; default RGB. */
  readonly order?: 'RGB' | 'BGR';
}

/** Images as one FP32 tensor [n, height, width, 3] or [n, 3, height, width]; the size is the first image's unless given. */
export function imageTensor(
  images: readonly RgbImage[],
  scaling: PixelScaling,
  size: { readonly width: number; readonly height: number } | undefined = images[0],
): Tensor {
  if (size === undefined) throw new RangeError('no images and no size');
  const { width, height } = size;
  const elements = new Float32Array(images.length * width * height * 3);
  for (const [index, image] of images.entries()) {
    if (image.width > width || image.height > height) {
      throw new RangeError(`${image.width}×${image.height} does not fit into ${width}×${height}`);
    }
    const target = elements.subarray(index * width * height * 3, (index + 1) * width * height * 3);
    writePixels({ elements: target, width, height }, image, scaling);
  }
  const shape = scaling.layout === 'NHWC' ? [images.length, height, width, 3] : [images.length, 3, height, width];
  return float32Tensor(shape, elements);
}

function writePixels(
  target: { readonly elements: Float32Array; readonly width: number; readonly height: number },
  image: RgbImage,
  { layout, mean = 0, scale = 1 / 255, order = 'RGB' }: PixelScaling,
): void {
  const step = layout === 'NHWC' ? 3 : 1;
  const plane = layout === 'NHWC' ? 1 : target.width * target.height;
  for (let channel = 0; channel < 3; channel++) {
    const source = order === 'RGB' ? channel : 2 - channel;
    const minus = typeof mean === 'number' ? mean : (mean[channel] as number);
    const times = typeof scale === 'number' ? scale : (scale[channel] as number);
    for (let y = 0; y < image.height; y++) {
      let from = y * image.width * 3 + source;
      let to = y * target.width * step + channel * plane;
      for (let x = 0; x < image.width; x++, from += 3, to += step) {
        target.elements[to] = ((image.pixels[from] as number) - minus) * times;
      }
    }
  }
}

/** Floats of one image, 0..1, in the given layout, as pixels: clamped and rounded. */
export function imageFromFloats(
  floats: Float32Array,
  size: { readonly width: number; readonly height: number },
  layout: 'NHWC' | 'NCHW' = 'NHWC',
): RgbImage {
  const count = size.width * size.height;
  const pixels = new Uint8ClampedArray(count * 3); // rounds and clamps on assignment
  if (layout === 'NHWC') {
    for (let index = 0; index < pixels.length; index++) pixels[index] = (floats[index] as number) * 255;
  } else {
    for (let index = 0; index < count; index++) {
      for (let channel = 0; channel < 3; channel++)
        pixels[index * 3 + channel] = (floats[channel * count + index] as number) * 255;
    }
  }
  return rgbImage(size.width, size.height, new Uint8Array(pixels.buffer));
}
