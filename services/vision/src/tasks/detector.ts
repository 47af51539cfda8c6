// The task around a detector: objects, faces and poses differ in their tensors only. Images are fitted into one size, so
// where a model's file leaves the number of images open, those of a batch run together.
import { invalidArgument } from '@weft/errors';
import { blankImage, decodeImage, encodeImage, type Letterbox, type RgbImage } from '@weft/image';
import type { DetectRequest__Output } from '@weft/rpc/messages/weft/vision/v1/DetectRequest';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import {
  type BatchItem,
  batchwise,
  inferOwn,
  numberParameter,
  type RowModel,
  type Task,
  type TaskContext,
} from '@weft/runtime';
import type { TensorMap } from '@weft/tensor';
import type { Detection } from './detection.ts';
import { videoPath, videoStream } from './video/video-stream.ts';

export const detectPath = '/weft.vision.v1.VisionService/Detect';
const defaultMaxResults = 100;

export interface Detector {
  /** The image inside the model's input size. */
  prepare(image: RgbImage): Promise<Letterbox>;
  /** Images of one batch, as the model's configuration says. */
  readonly maxImages: number;
  /** Gives the outputs for each image, with one row. */
  readonly model: RowModel<Letterbox, TensorMap>;
  /** What the outputs say, in pixels of the image; nothing under `minScore`, the highest score first. */
  read(outputs: TensorMap, box: Letterbox, minScore: number): Detection[];
}

/** Serves Detect and AnalyzeVideo with a detector; `minScore` is the threshold of a model that sets no `weft.min_score`. */
export function detectorTask(context: TaskContext, detector: Detector, minScore: number): Task {
  const modelMinScore = numberParameter(context, 'min_score', minScore);

  async function detect(request: Look, item: BatchItem): Promise<{ detections: Detection[] }> {
    if (!(request.minScore >= 0 && request.minScore <= 1)) {
      throw invalidArgument(`min_score: expected 0..1, got ${request.minScore}`);
    }
    const box = await detector.prepare(await decodeImage(request.image, 'image', context.limits));
    const [outputs] = await item.infer(detector.model, [box]);
    const detections = detector.read(outputs as TensorMap, box, request.minScore || modelMinScore);
    return { detections: detections.slice(0, request.maxResults || defaultMaxResults) };
  }
  const method = batchwise(detectPath, detect);

  return {
    methods: [method],
    streams: [videoStream({ maxFrames: detector.maxImages, look: batchwise(videoPath, detect) })],
    async warmup(rows) {
      const image = (await encodeImage(blankImage(640, 480, [127, 127, 127]), 'IMAGE_FORMAT_JPEG')) as Image__Output;
      await inferOwn(method, new Array<object>(rows).fill({ image, minScore: 0, maxResults: 0 }));
    },
  };
}

/** An image of its own, or a frame of a video. */
type Look = Pick<DetectRequest__Output, 'image' | 'minScore'> & Partial<Pick<DetectRequest__Output, 'maxResults'>>;
