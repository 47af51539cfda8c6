// The calls of weft.generator.v1.
import type { GenerateResponse__Output } from '@weft/rpc/messages/weft/generator/v1/GenerateResponse';
import type { UpscaleResponse__Output } from '@weft/rpc/messages/weft/generator/v1/UpscaleResponse';
import type { UpscaleTile__Output } from '@weft/rpc/messages/weft/generator/v1/UpscaleTile';
import type { CallOptions } from './call-options.ts';
import { chosenModel } from './chosen-model.ts';
import { followStream } from './follow-stream.ts';
import { fromImageMessage, type ImageInput, type RawPixels, toImageMessage } from './image-message.ts';
import type { RouterCalls } from './router-calls.ts';

const formats = {
  png: 'IMAGE_FORMAT_PNG',
  jpeg: 'IMAGE_FORMAT_JPEG',
  webp: 'IMAGE_FORMAT_WEBP',
  raw: 'IMAGE_FORMAT_RAW',
} as const;

/** How an image comes back: as a file's bytes, or (`raw`) as bare pixels. */
export type ImageFormat = keyof typeof formats;

export interface UpscaleRequest<Format extends ImageFormat = ImageFormat> {
  readonly image: ImageInput;
  /** `png` by default. */
  readonly format?: Format | undefined;
}

export interface UpscaleResponse<Image> {
  model: string;
  modelVersion: string;
  image: Image;
  /** The factor of width and height: 2, 3, 4 or 8. */
  scale: number;
}

/** A part of the result; every pixel of that is in one tile. */
export interface UpscaleTile<Image> {
  model: string;
  modelVersion: string;
  /** Of its left top corner, in the result. */
  x: number;
  y: number;
  image: Image;
  /** The share of the tiles that are there with this one; 1 with the last. */
  progress: number;
  /** Of the whole result. */
  width: number;
  height: number;
  scale: number;
}

export interface GenerateRequest<Format extends ImageFormat = ImageFormat> {
  /** One by default. */
  readonly count?: number | undefined;
  /** Of the first image; each further one has the next. The same seed makes the same image. By default every call differs. */
  readonly seed?: number | undefined;
  /** What to make, of the model's labels. By default the seed chooses. */
  readonly label?: string | undefined;
  /** The noise is cut off at so many standard deviations: the smaller, the more typical. By default it is not. */
  readonly truncation?: number | undefined;
  /** `png` by default. */
  readonly format?: Format | undefined;
}

export interface InterpolateRequest<Format extends ImageFormat = ImageFormat> {
  readonly seedFrom: number;
  readonly seedTo: number;
  /** Images, both ends among them; ten by default. */
  readonly steps?: number | undefined;
  readonly label?: string | undefined;
  readonly format?: Format | undefined;
}

export interface GeneratedImage<Image> {
  model: string;
  modelVersion: string;
  /** From 0 on. */
  index: number;
  image: Image;
  /** The share of the images that are there with this one; 1 with the last. */
  progress: number;
  /** Makes this image again. 0 between the ends of an interpolation. */
  seed: number;
  /** What it shows; empty where the model has no labels. */
  label: string;
}

type ImageIn<Format extends ImageFormat> = Format extends 'raw' ? RawPixels : Buffer;

export interface GeneratorClient {
  /**
   * A larger image with plausible detail, at the model's own scale.
   *
   * @example
   * const { image, scale } = await client.generator.upscale({ image: await readFile('small.png'), format: 'webp' });
   * await writeFile(`large-x${scale}.webp`, image);
   */
  upscale<Format extends ImageFormat = 'png'>(
    request: UpscaleRequest<Format>,
    options?: CallOptions,
  ): Promise<UpscaleResponse<ImageIn<Format>>>;
  /**
   * The same tile by tile, row by row from the left, for images of any size: neither end holds the whole result. The whole stream has
   * the deadline of a call.
   *
   * @example
   * for await (const { x, y, image, progress } of client.generator.upscaleStream({ image: photo, format: 'raw' }))
   *   canvas.putPixels(x, y, image);
   */
  upscaleStream<Format extends ImageFormat = 'png'>(
    request: UpscaleRequest<Format>,
    options?: CallOptions,
  ): AsyncGenerator<UpscaleTile<ImageIn<Format>>, void, undefined>;
  /**
   * New images, one after the other as they are made.
   *
   * @example
   * for await (const { image, seed } of client.generator.generate({ label: '7', count: 20 })) await writeFile(`${seed}.png`, image);
   */
  generate<Format extends ImageFormat = 'png'>(
    request?: GenerateRequest<Format>,
    options?: CallOptions,
  ): AsyncGenerator<GeneratedImage<ImageIn<Format>>, void, undefined>;
  /** The images on the way from one seed to another. */
  interpolate<Format extends ImageFormat = 'png'>(
    request: InterpolateRequest<Format>,
    options?: CallOptions,
  ): AsyncGenerator<GeneratedImage<ImageIn<Format>>, void, undefined>;
}

const pathOf = (name: string): string => `/weft.generator.v1.GeneratorService/${name}`;

export function generatorClient(calls: RouterCalls): GeneratorClient {
  async function* images<Format extends ImageFormat>(
    path: string,
    request: { readonly format?: Format | undefined },
    options: CallOptions,
  ): AsyncGenerator<GeneratedImage<ImageIn<Format>>, void, undefined> {
    const message = { ...request, format: formats[request.format ?? 'png'], ...chosenModel(options) };
    const call = { path, requests: [message] };
    for await (const { image, ...rest } of followStream<GenerateResponse__Output>(calls, call, options))
      yield { ...rest, image: fromImageMessage(image) as ImageIn<Format> };
  }
  return {
    async upscale<Format extends ImageFormat>(request: UpscaleRequest<Format>, options: CallOptions = {}) {
      const response = await calls.call<UpscaleResponse__Output>(
        pathOf('Upscale'),
        upscaleMessage(request, options),
        options,
      );
      const { model, modelVersion, scale } = response;
      return { model, modelVersion, scale, image: fromImageMessage(response.image) as ImageIn<Format> };
    },
    async *upscaleStream<Format extends ImageFormat>(request: UpscaleRequest<Format>, options: CallOptions = {}) {
      const call = { path: pathOf('UpscaleStream'), requests: [upscaleMessage(request, options)] };
      for await (const { image, ...rest } of followStream<UpscaleTile__Output>(calls, call, options))
        yield { ...rest, image: fromImageMessage(image) as ImageIn<Format> };
    },
    generate: (request = {}, options = {}) => images(pathOf('Generate'), request, options),
    interpolate: (request, options = {}) => images(pathOf('Interpolate'), request, options),
  };
}

function upscaleMessage({ image, format }: UpscaleRequest, options: CallOptions): object {
  return { image: toImageMessage(image), format: formats[format ?? 'png'], ...chosenModel(options) };
}
