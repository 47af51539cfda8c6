// First part of reading: where is text? The page is shrunk to what the model sees well (its letters should stay some
// ten pixels high), padded to the multiple of 32 that the network's strides need, and its map read by text-regions.ts.
// Pages of equal padded size may share a run.
import {
  fromLetterbox,
  type ImageSize,
  imageTensor,
  type Letterbox,
  planImageRuns,
  type Quad,
  resizeImage,
  type RgbImage,
} from '@weft/image';
import type { BackendModel, RowModel } from '@weft/runtime';
import { float32Elements, splitRows, type Tensor } from '@weft/tensor';
import { requireTensor } from './require-tensors.ts';
import { textDirections } from './text-quads.ts';
import { findTextRegions } from './text-regions.ts';

const inputName = 'x';
const outputName = 'sigmoid_0.tmp_0';
const stride = 32;
// The mean and deviation of ImageNet, applied to blue, green, red in the order in which they are usually given for red,
// green, blue: so the model was trained.
const [mean, scale] = [
  [0.485, 0.456, 0.406].map((value) => value * 255),
  [0.229, 0.224, 0.225].map((value) => 1 / (value * 255)),
] as unknown as [[number, number, number], [number, number, number]];

/** A piece of text: the ways in which it may run, the likelier first, in pixels of the image. */
export interface FoundText {
  readonly directions: readonly Quad[];
  readonly score: number;
}

export interface TextDetectorLimits {
  /** The longer side of a page as the model sees it. */
  readonly maxSide: number;
  /** Pixels of one run of several pages, all pages together. */
  readonly maxRunPixels: number;
}

/** Gives the map of each page, as `read` takes it. */
export class TextDetector implements RowModel<Letterbox, Tensor> {
  readonly #model: BackendModel;
  readonly #limits: TextDetectorLimits;

  constructor(model: BackendModel, limits: TextDetectorLimits) {
    requireTensor(model.inputs, inputName);
    requireTensor(model.outputs, outputName);
    this.#model = model;
    this.#limits = limits;
  }

  /** The image as the model shall see it: at the top left of a padded one. */
  async prepare(image: RgbImage): Promise<Letterbox> {
    const scale = Math.min(1, this.#limits.maxSide / Math.max(image.width, image.height));
    const size = {
      width: Math.max(1, Math.round(image.width * scale)),
      height: Math.max(1, Math.round(image.height * scale)),
    };
    const scaled = await resizeImage(image, size);
    const original = { width: image.width, height: image.height };
    return {
      image: scaled,
      left: 0,
      top: 0,
      scaleX: size.width / image.width,
      scaleY: size.height / image.height,
      original,
    };
  }

  plan(boxes: readonly Letterbox[]): number[][] {
    return planImageRuns(boxes.map(paddedSize), this.#limits.maxRunPixels);
  }

  async infer(boxes: readonly Letterbox[]): Promise<Tensor[]> {
    const images = boxes.map(({ image }) => image);
    const [size] = boxes.map(paddedSize);
    const feeds = { [inputName]: imageTensor(images, { layout: 'NCHW', order: 'BGR', mean, scale }, size) };
    const { [outputName]: maps } = await this.#model.run(feeds, [outputName]);
    return splitRows(maps as Tensor, new Array<number>(boxes.length).fill(1));
  }

  read(map: Tensor, box: Letterbox): FoundText[] {
    const [, , height, width] = map.shape as [number, number, number, number];
    return findTextRegions({ scores: float32Elements(map), width, height }).map(({ rectangle, score }) => ({
      score,
      directions: textDirections(rectangle).map(
        (quad) => quad.map(({ x, y }) => fromLetterbox(box, x, y)) as unknown as Quad,
      ),
    }));
  }
}

function paddedSize({ image }: Letterbox): ImageSize {
  const padded = (length: number): number => Math.ceil(length / stride) * stride;
  return { width: padded(image.width), height: padded(image.height) };
}
