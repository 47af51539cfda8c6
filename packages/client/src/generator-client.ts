// The calls of weft.generator.v1.
import type { UpscaleResponse__Output } from '@weft/rpc/messages/weft/generator/v1/UpscaleResponse';
import type { CallOptions } from './call-options.ts';
import { chosenModel } from './chosen-model.ts';
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
  ): Promise<UpscaleResponse<Format extends 'raw' ? RawPixels : Buffer>>;
}

export function generatorClient(calls: RouterCalls): GeneratorClient {
  return {
    async upscale<Format extends ImageFormat>({ image, format }: UpscaleRequest<Format>, options: CallOptions = {}) {
      const response = await calls.call<UpscaleResponse__Output>(
        '/weft.generator.v1.GeneratorService/Upscale',
        { image: toImageMessage(image), format: formats[format ?? 'png'], ...chosenModel(options) },
        options,
      );
      const { model, modelVersion, scale } = response;
      type Answer = Format extends 'raw' ? RawPixels : Buffer;
      return { model, modelVersion, scale, image: fromImageMessage(response.image) as Answer };
    },
  };
}
