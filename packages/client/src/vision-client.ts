// The calls of weft.vision.v1.
import type { Box__Output } from '@weft/rpc/messages/weft/vision/v1/Box';
import type { ClassifyRequest } from '@weft/rpc/messages/weft/vision/v1/ClassifyRequest';
import type { ClassifyResponse__Output } from '@weft/rpc/messages/weft/vision/v1/ClassifyResponse';
import type { Detection__Output } from '@weft/rpc/messages/weft/vision/v1/Detection';
import type { DetectRequest } from '@weft/rpc/messages/weft/vision/v1/DetectRequest';
import type { DetectResponse__Output } from '@weft/rpc/messages/weft/vision/v1/DetectResponse';
import type { ReadTextRequest } from '@weft/rpc/messages/weft/vision/v1/ReadTextRequest';
import type { ReadTextResponse__Output } from '@weft/rpc/messages/weft/vision/v1/ReadTextResponse';
import type { CallOptions } from './call-options.ts';
import { chosenModel } from './chosen-model.ts';
import { type ImageInput, toImageMessage } from './image-message.ts';
import type { RequestOf } from './request-of.ts';
import type { RouterCalls } from './router-calls.ts';

/** A request that holds one image. */
type ImageRequest<Message> = Omit<RequestOf<Message, never>, 'image'> & { readonly image: ImageInput };

/** A detection always has a box: an absent message means one of zeros, as everywhere in protobuf. */
export type Detection = Omit<Detection__Output, 'box'> & { box: Box__Output };
export type DetectResponse = Omit<DetectResponse__Output, 'detections'> & { detections: Detection[] };

export interface VisionClient {
  /**
   * The most likely labels of an image; 5 of them unless `topK` is given.
   *
   * @example
   * const { labels } = await client.vision.classify({ image: await readFile('symbol.png'), topK: 1 });
   */
  classify(request: ImageRequest<ClassifyRequest>, options?: CallOptions): Promise<ClassifyResponse__Output>;
  /**
   * Objects, faces or poses in an image, the highest score first; which of them, the model decides. Boxes are in pixels
   * of the image as it was sent.
   *
   * @example
   * const { detections } = await client.vision.detect({ image: await readFile('street.jpg'), minScore: 0.5 });
   * for (const { label, box } of detections) console.log(label, box.x, box.y, box.width, box.height);
   */
  detect(request: ImageRequest<DetectRequest>, options?: CallOptions): Promise<DetectResponse>;
  /**
   * The lines of text in an image, in reading order.
   *
   * @example
   * const { lines } = await client.vision.readText({ image: await readFile('invoice.png') });
   * console.log(lines.map((line) => line.text).join('\n'));
   */
  readText(request: ImageRequest<ReadTextRequest>, options?: CallOptions): Promise<ReadTextResponse__Output>;
}

export function visionClient(calls: RouterCalls): VisionClient {
  const call = <Response>(name: string, request: { readonly image: ImageInput }, options: CallOptions) =>
    calls.call<Response>(
      `/weft.vision.v1.VisionService/${name}`,
      { ...request, image: toImageMessage(request.image), ...chosenModel(options) },
      options,
    );
  return {
    classify: (request, options = {}) => call('Classify', request, options),
    readText: (request, options = {}) => call('ReadText', request, options),
    async detect(request, options = {}) {
      const response = await call<DetectResponse__Output>('Detect', request, options);
      return { ...response, detections: response.detections.map(withBox) };
    },
  };
}

function withBox(detection: Detection__Output): Detection {
  return { ...detection, box: detection.box ?? { x: 0, y: 0, width: 0, height: 0 } };
}
