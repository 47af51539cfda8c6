// The task around a detector: objects, faces and poses differ in their tensors only. Preparing, inferring and reading
// the result are separate steps, so that one run of a model may come to serve several images.
import { invalidArgument } from '@weft/errors';
import { decodeImage, encodeImage, type Letterbox, blankImage, type RgbImage } from '@weft/image';
import type { DetectRequest__Output } from '@weft/rpc/messages/weft/vision/v1/DetectRequest';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import { itemwise, type Task, type TaskContext } from '@weft/runtime';
import type { TensorMap } from '@weft/tensor';
import type { Detection } from './detection.ts';
import { numberParameter } from './number-parameter.ts';

export const detectPath = '/weft.vision.v1.VisionService/Detect';
const defaultMaxResults = 100;

export interface Detector {
  /** The image inside the model's input size. */
  prepare(image: RgbImage): Promise<Letterbox>;
  infer(box: Letterbox): Promise<TensorMap>;
  /** What the outputs say, in pixels of the image; nothing under `minScore`, the highest score first. */
  read(outputs: TensorMap, box: Letterbox, minScore: number): Detection[];
}

/** Serves Detect with a detector; `minScore` is the threshold of a model that sets no `weft.min_score`. */
export function detectorTask(context: TaskContext, detector: Detector, minScore: number): Task {
  const modelMinScore = numberParameter(context, 'min_score', minScore);

  async function detect(request: DetectRequest__Output): Promise<{ detections: Detection[] }> {
    if (!(request.minScore >= 0 && request.minScore <= 1)) {
      throw invalidArgument(`min_score: expected 0..1, got ${request.minScore}`);
    }
    const image = await decodeImage(request.image, 'image', context.limits);
    const box = await detector.prepare(image);
    const outputs = await detector.infer(box);
    const detections = detector.read(outputs, box, request.minScore || modelMinScore);
    return { detections: detections.slice(0, request.maxResults || defaultMaxResults) };
  }

  return {
    methods: [itemwise<DetectRequest__Output, { detections: Detection[] }>(detectPath, (request) => detect(request))],
    async warmup(rows) {
      const image = (await encodeImage(blankImage(640, 480, [127, 127, 127]), 'IMAGE_FORMAT_JPEG')) as Image__Output;
      for (let row = 0; row < rows; row++)
        await detect({ model: '', modelVersion: '', image, minScore: 0, maxResults: 0 });
    },
  };
}
