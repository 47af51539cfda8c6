// Task `super-resolution`: Upscale with a generator network that takes an image of any size and gives it several times
// as large. A run takes kilobytes of memory and tens of microseconds for each pixel of the image, so every model has a
// limit of its own on them, far below the one for images in general. Its settings:
//
//   weft.max_input_pixels  width × height of the largest image it takes; 65536 unless set
//   weft.white             the value of a full channel in the model's tensors: 1 (unless set) or 255
import { blankImage, decodeImage, encodeImage, imageTensor, type RgbImage } from '@weft/image';
import type { ImageFormat__Output } from '@weft/rpc/messages/weft/generator/v1/ImageFormat';
import type { UpscaleRequest__Output } from '@weft/rpc/messages/weft/generator/v1/UpscaleRequest';
import type { UpscaleResponse } from '@weft/rpc/messages/weft/generator/v1/UpscaleResponse';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import { type ItemContext, itemwise, type Task, type TaskContext } from '@weft/runtime';
import type { Tensor } from '@weft/tensor';
import { checkFormat } from './check-format.ts';
import { imageFromTensor } from './image-from-tensor.ts';
import { imageToImage } from './image-to-image.ts';
import { positiveParameter } from './positive-parameter.ts';

const upscalePath = '/weft.generator.v1.GeneratorService/Upscale';
const defaultMaxInputPixels = 65_536;
const warmupSide = 32;

export async function superResolution(context: TaskContext): Promise<Task> {
  const white = positiveParameter(context, 'white', 1);
  const maxInputPixels = positiveParameter(context, 'max_input_pixels', defaultMaxInputPixels);
  const maxImagePixels = Math.min(context.limits.maxImagePixels, maxInputPixels);
  const model = imageToImage(await context.openModel(), maxInputPixels);

  async function preprocess(request: UpscaleRequest__Output): Promise<[RgbImage, ImageFormat__Output]> {
    const format = checkFormat(request.format);
    return [await decodeImage(request.image, 'image', { maxImagePixels }), format];
  }

  function infer(image: RgbImage): Promise<Tensor> {
    return model.enlarge(imageTensor([image], { layout: 'NHWC', scale: white / 255 }));
  }

  async function postprocess(result: Tensor, from: RgbImage, format: ImageFormat__Output): Promise<UpscaleResponse> {
    const image = imageFromTensor(result, white);
    return { image: await encodeImage(image, format), scale: scaleOf(from, image) };
  }

  async function upscale(request: UpscaleRequest__Output, item: ItemContext): Promise<UpscaleResponse> {
    const [image, format] = await preprocess(request);
    item.throwIfGone();
    const result = await infer(image);
    item.throwIfGone();
    return postprocess(result, image, format);
  }

  return {
    methods: [itemwise(upscalePath, upscale)],
    tensors: model,
    async warmup(rows) {
      const side = Math.min(warmupSide, Math.floor(Math.sqrt(maxImagePixels)));
      const grey = blankImage(side, side, [127, 127, 127]);
      const image = (await encodeImage(grey, 'IMAGE_FORMAT_PNG')) as Image__Output;
      const request = { model: '', modelVersion: '', image, format: 'IMAGE_FORMAT_PNG' } as const;
      for (let row = 0; row < rows; row++) await upscale(request, { throwIfGone() {} });
    },
  };
}

/** How many times wider and higher the result is. */
function scaleOf(from: RgbImage, to: RgbImage): number {
  const scale = to.width / from.width;
  if (Number.isInteger(scale) && to.height === from.height * scale) return scale;
  throw new Error(`the model made ${to.width}×${to.height} of ${from.width}×${from.height}, which is no upscaling`);
}
