// Task `super-resolution`: Upscale with a generator network that takes an image of any size and gives it several times
// as large. A run takes kilobytes of memory and tens of microseconds for each pixel of the image, so every model has a
// limit of its own on them, far below the one for images in general. Its settings:
//
//   weft.max_input_pixels  width × height of the largest image it takes; 65536 unless set
//   weft.max_run_pixels    pixels of one run of several images, which are of equal size: 4096 on a processor, which gains
//                          nothing by more, else as many as of one image
//   weft.white             the value of a full channel in the model's tensors: 1 (unless set) or 255
import { blankImage, decodeImage, encodeImage, imageTensor, planImageRuns, type RgbImage } from '@weft/image';
import type { UpscaleRequest__Output } from '@weft/rpc/messages/weft/generator/v1/UpscaleRequest';
import type { UpscaleResponse } from '@weft/rpc/messages/weft/generator/v1/UpscaleResponse';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import { batchwise, inferOwn, type RowModel, runsOnProcessor, type Task, type TaskContext } from '@weft/runtime';
import { splitRows, type Tensor } from '@weft/tensor';
import { checkFormat } from './check-format.ts';
import { imageFromTensor } from './image-from-tensor.ts';
import { imageToImage } from './image-to-image.ts';
import { positiveParameter } from './positive-parameter.ts';

const upscalePath = '/weft.generator.v1.GeneratorService/Upscale';
const defaultMaxInputPixels = 65_536;
const processorRunPixels = 4096;
const warmupSide = 32;

export async function superResolution(context: TaskContext): Promise<Task> {
  const white = positiveParameter(context, 'white', 1);
  const maxInputPixels = positiveParameter(context, 'max_input_pixels', defaultMaxInputPixels);
  const maxImagePixels = Math.min(context.limits.maxImagePixels, maxInputPixels);
  const opened = await context.openModel();
  const maxRunPixels = positiveParameter(
    context,
    'max_run_pixels',
    runsOnProcessor(opened) ? processorRunPixels : maxInputPixels,
  );
  const model = imageToImage(opened, maxInputPixels);

  const enlarger: RowModel<RgbImage, Tensor> = {
    plan: (images) => planImageRuns(images, Math.min(maxRunPixels, maxInputPixels)),
    async infer(images) {
      const enlarged = await model.enlarge(imageTensor(images, { layout: 'NHWC', scale: white / 255 }));
      return splitRows(enlarged, new Array<number>(images.length).fill(1));
    },
  };

  const upscale = batchwise(upscalePath, async (request: UpscaleRequest__Output, item): Promise<UpscaleResponse> => {
    const format = checkFormat(request.format);
    const image = await decodeImage(request.image, 'image', { maxImagePixels });
    const [result] = await item.infer(enlarger, [image]);
    const enlarged = imageFromTensor(result as Tensor, white);
    return { image: await encodeImage(enlarged, format), scale: scaleOf(image, enlarged) };
  });

  return {
    methods: [upscale],
    tensors: model,
    async warmup(rows) {
      const side = Math.min(warmupSide, Math.floor(Math.sqrt(maxImagePixels)));
      const grey = blankImage(side, side, [127, 127, 127]);
      const image = (await encodeImage(grey, 'IMAGE_FORMAT_PNG')) as Image__Output;
      await inferOwn(upscale, new Array<object>(rows).fill({ image, format: 'IMAGE_FORMAT_PNG' }));
    },
  };
}

/** How many times wider and higher the result is. */
function scaleOf(from: RgbImage, to: RgbImage): number {
  const scale = to.width / from.width;
  if (Number.isInteger(scale) && to.height === from.height * scale) return scale;
  throw new Error(`the model made ${to.width}×${to.height} of ${from.width}×${from.height}, which is no upscaling`);
}
