// The calls of weft.vision.v1.
import type { Box__Output } from '@weft/rpc/messages/weft/vision/v1/Box';
import type { ClassifyRequest } from '@weft/rpc/messages/weft/vision/v1/ClassifyRequest';
import type { ClassifyResponse__Output } from '@weft/rpc/messages/weft/vision/v1/ClassifyResponse';
import type { Detection__Output } from '@weft/rpc/messages/weft/vision/v1/Detection';
import type { DetectRequest } from '@weft/rpc/messages/weft/vision/v1/DetectRequest';
import type { DetectResponse__Output } from '@weft/rpc/messages/weft/vision/v1/DetectResponse';
import type { ReadTextRequest } from '@weft/rpc/messages/weft/vision/v1/ReadTextRequest';
import type { ReadTextResponse__Output } from '@weft/rpc/messages/weft/vision/v1/ReadTextResponse';
import type { VideoFrame } from '@weft/rpc/messages/weft/vision/v1/VideoFrame';
import type { CallOptions } from './call-options.ts';
import { chosenModel } from './chosen-model.ts';
import { type AnalyzeVideoOptions, followVideo, type StreamedResult } from './follow-video.ts';
import type { FrameMessage } from './frame-feed.ts';
import { type ImageInput, toImageMessage } from './image-message.ts';
import type { RequestOf } from './request-of.ts';
import type { RouterCalls } from './router-calls.ts';

/** A request that holds one image. */
type ImageRequest<Message> = Omit<RequestOf<Message, never>, 'image'> & { readonly image: ImageInput };

/** A detection always has a box: an absent message means one of zeros, as everywhere in protobuf. */
export type Detection = Omit<Detection__Output, 'box'> & { box: Box__Output };
export type DetectResponse = Omit<DetectResponse__Output, 'detections'> & { detections: Detection[] };

/**
 * `frameId` is given back with the result; 1, 2, 3, … where no frame has one. A frame is as old as it has been here, or since
 * `takenAtMs`, on any clock that all frames of the video share.
 */
export type VideoFrameInput = ImageRequest<VideoFrame>;
export type VideoResult = Omit<StreamedResult, 'detections'> & { detections: Detection[] };

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
  /**
   * Detections for each frame of a video, in order; `trackId` tells what is the same thing in several frames. The next frame is
   * asked for when there is room for it, so a slow model slows down the source, unless its frames say `dropIfLate` or have a
   * `maxAgeMs`. A frame that cannot be read has a result that says so in `error`. Has no deadline of its own; leaving the loop
   * cancels it. Routers break off what is on a connection for longer than they allow (65 minutes by default): what has no end needs
   * `resume`.
   *
   * @example
   * for await (const { frameId, detections } of client.vision.analyzeVideo(camera(), { resume: true }))
   *   for (const { trackId, label, box } of detections) console.log(frameId, trackId, label, box.x, box.y);
   */
  analyzeVideo(
    frames: Iterable<VideoFrameInput> | AsyncIterable<VideoFrameInput>,
    options?: AnalyzeVideoOptions,
  ): AsyncGenerator<VideoResult, void, undefined>;
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
    analyzeVideo(frames, options = {}) {
      return results(followVideo(calls, videoMessages(frames), options));
    },
  };
}

function withBox(detection: Detection__Output): Detection {
  return { ...detection, box: detection.box ?? { x: 0, y: 0, width: 0, height: 0 } };
}

async function* results(messages: AsyncIterable<StreamedResult>): AsyncGenerator<VideoResult, void, undefined> {
  for await (const message of messages) yield { ...message, detections: message.detections.map(withBox) };
}

async function* videoMessages(
  frames: Iterable<VideoFrameInput> | AsyncIterable<VideoFrameInput>,
): AsyncGenerator<FrameMessage, void, undefined> {
  // An instant of 0 would be none.
  const startMs = performance.now() - 1;
  let position = 0;
  for await (const frame of frames) {
    const { frameId = position + 1, takenAtMs = Math.ceil(performance.now() - startMs) } = frame;
    position++;
    const message = { ...frame, frameId, takenAtMs, image: toImageMessage(frame.image) };
    yield message;
  }
}
