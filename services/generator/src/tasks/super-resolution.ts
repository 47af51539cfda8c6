// Task `super-resolution`: Upscale and UpscaleStream with a generator network that takes an image of any size and gives it several
// times as large. A run takes kilobytes of memory and tens of microseconds for each pixel, so images go through the network in
// tiles: UpscaleStream sends each as it is done, and takes any image; Upscale, behind whom others wait, has a limit. Its settings:
//
//   weft.max_input_pixels  width × height of the largest image that Upscale takes, and of a tensor of ModelInfer; 65536 unless set
//   weft.max_run_pixels    pixels of one run of several images or tiles, which are of equal size: 4096 on a processor, which gains
//                          nothing by more, else as many as of one image
//   weft.tile_side         the longest side of a tile, before the network: 192 unless set
//   weft.tile_overlap      pixels that neighbouring tiles share, twice what the network sees around a pixel; 32 unless set
//   weft.white             the value of a full channel in the model's tensors: 1 (unless set) or 255
import {
  blankImage,
  decodeImage,
  encodeImage,
  imageTensor,
  pasteImage,
  planImageRuns,
  type RgbImage,
} from '@weft/image';
import type { UpscaleRequest__Output } from '@weft/rpc/messages/weft/generator/v1/UpscaleRequest';
import type { UpscaleResponse } from '@weft/rpc/messages/weft/generator/v1/UpscaleResponse';
import type { UpscaleTile } from '@weft/rpc/messages/weft/generator/v1/UpscaleTile';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import {
  type BatchItem,
  batchwise,
  inferOwn,
  positiveParameter,
  type RowModel,
  runsOnProcessor,
  SharedRuns,
  type StreamContext,
  type StreamMethod,
  type Task,
  type TaskContext,
} from '@weft/runtime';
import { splitRows } from '@weft/tensor';
import { planTiles } from '../tiles/tile-plan.ts';
import { upscaleTiles } from '../tiles/upscale-tiles.ts';
import { checkFormat } from './check-format.ts';
import { firstRequest } from './first-request.ts';
import { imageFromTensor } from './image-from-tensor.ts';
import { imageToImage } from './image-to-image.ts';

const service = '/weft.generator.v1.GeneratorService';
const defaultMaxInputPixels = 65_536;
const processorRunPixels = 4096;
const defaultSide = 192;
const defaultOverlap = 32;
const warmupSide = 32;
/** Each holds one image, decoded. */
const streamSlots = 4;

export async function superResolution(context: TaskContext): Promise<Task> {
  const white = positiveParameter(context, 'white', 1);
  const maxInputPixels = positiveParameter(context, 'max_input_pixels', defaultMaxInputPixels);
  const { maxImagePixels } = context.limits;
  const opened = await context.openModel();
  const usualRunPixels = runsOnProcessor(opened) ? processorRunPixels : maxInputPixels;
  const maxRunPixels = Math.min(positiveParameter(context, 'max_run_pixels', usualRunPixels), maxInputPixels);
  const side = Math.min(
    Math.floor(positiveParameter(context, 'tile_side', defaultSide)),
    Math.floor(Math.sqrt(maxInputPixels)),
  );
  const overlap = Math.min(
    Math.floor(positiveParameter(context, 'tile_overlap', defaultOverlap)),
    Math.floor(side / 2),
  );
  const model = imageToImage(opened, maxInputPixels);

  const enlarger: RowModel<RgbImage, RgbImage> = {
    plan: (images) => planImageRuns(images, maxRunPixels),
    async infer(images) {
      const enlarged = await model.enlarge(imageTensor(images, { layout: 'NHWC', scale: white / 255 }));
      return splitRows(enlarged, new Array<number>(images.length).fill(1)).map((one) => imageFromTensor(one, white));
    },
  };
  const tilesOf = (image: RgbImage, enlarge: (tiles: readonly RgbImage[]) => Promise<readonly RgbImage[]>) =>
    upscaleTiles(image, planTiles(image, { side, overlap }), { maxRunPixels, enlarge });

  const answer = async (request: UpscaleRequest__Output, item: BatchItem): Promise<UpscaleResponse> => {
    const format = checkFormat(request.format);
    const image = await decodeImage(request.image, 'image', {
      maxImagePixels: Math.min(maxImagePixels, maxInputPixels),
    });
    let whole: { readonly image: RgbImage; readonly scale: number } | undefined;
    for await (const tile of tilesOf(image, (tiles) => item.infer(enlarger, tiles))) {
      const { width, height, scale } = tile;
      whole ??= { image: tile.progress === 1 ? tile.image : blankImage(width, height, [0, 0, 0]), scale };
      if (whole.image !== tile.image) pasteImage(whole.image, tile.image, tile);
    }
    if (whole === undefined) throw new TypeError('no tile was made');
    return { image: await encodeImage(whole.image, format), scale: whole.scale };
  };
  const upscale = batchwise(`${service}/Upscale`, answer);

  const runs = new SharedRuns(enlarger);
  async function* streamed(
    requests: AsyncIterable<unknown>,
    stream: StreamContext,
  ): AsyncGenerator<UpscaleTile, void, undefined> {
    const request = await firstRequest<UpscaleRequest__Output>(requests);
    const format = checkFormat(request.format);
    const image = await decodeImage(request.image, 'image', { maxImagePixels });
    for await (const tile of tilesOf(image, (tiles) => runs.infer(tiles, stream)))
      yield { ...tile, image: await encodeImage(tile.image, format) };
  }
  const upscaleStream: StreamMethod = { path: `${service}/UpscaleStream`, slots: streamSlots, infer: streamed };

  return {
    methods: [upscale],
    streams: [upscaleStream],
    tensors: model,
    async warmup(rows) {
      const warmed = Math.min(warmupSide, side, Math.floor(Math.sqrt(maxImagePixels)));
      const grey = blankImage(warmed, warmed, [127, 127, 127]);
      const image = (await encodeImage(grey, 'IMAGE_FORMAT_PNG')) as Image__Output;
      await inferOwn(upscale, new Array<object>(rows).fill({ image, format: 'IMAGE_FORMAT_PNG' }));
    },
  };
}
