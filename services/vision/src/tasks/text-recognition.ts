// Task `text-recognition`: the lines of text in an image, in reading order. A composite of the parts `detection`,
// `orientation` and `recognition`; the file `keys` holds the letters of the recognition model, one a line.
// `weft.max_run_pixels` bounds a run of several pages, or lines, by their pixels as the models see them. On a processor
// more lines than some 1,280 pixels long cost up to half as much again, and pages gain nothing.
import { blankImage, decodeEncodedImage, decodeImage } from '@weft/image';
import type { ReadTextRequest__Output } from '@weft/rpc/messages/weft/vision/v1/ReadTextRequest';
import {
  alone,
  type BackendModel,
  type BatchItem,
  batchwise,
  numberParameter,
  readLabelFile,
  runsOnProcessor,
  type Task,
  type TaskContext,
  together,
} from '@weft/runtime';
import { lineHeight } from './cut-line.ts';
import { type PageReader, type ReadLine, readPage } from './page-reader.ts';
import { TextDetector } from './text-detector.ts';
import { LineOrientation, TextRecognizer } from './text-recognizer.ts';
import { textTensors } from './text-tensors.ts';

export const readTextPath = '/weft.vision.v1.VisionService/ReadText';

const warmupLines = 8;
const maxRunPixels = { processor: 1280 * lineHeight, other: 2 ** 21 };

export async function textRecognition(context: TaskContext): Promise<Task> {
  const keys = readLabelFile(context.file('keys'));
  const detection = await context.openModel('detection');
  const orientation = await context.openModel('orientation');
  const recognition = await context.openModel('recognition');
  const runPixels = (model: BackendModel): number =>
    numberParameter(context, 'max_run_pixels', runsOnProcessor(model) ? maxRunPixels.processor : maxRunPixels.other);
  const reader: PageReader = {
    detector: new TextDetector(detection, {
      maxSide: numberParameter(context, 'max_side', 1280),
      maxRunPixels: runPixels(detection),
    }),
    orientation: new LineOrientation(orientation),
    recognizer: new TextRecognizer(recognition, [...keys, ' '], runPixels(recognition)),
    minScore: numberParameter(context, 'min_score', 0.5),
  };

  // A blank page has no lines, so each part is given what a page with some lines would give it.
  const page = blankImage(960, 720, [255, 255, 255]);
  const lines = Array.from({ length: warmupLines }, () => blankImage(320, lineHeight, [255, 255, 255]));
  async function warmupPage(item: BatchItem): Promise<void> {
    await item.infer(reader.detector, [await reader.detector.prepare(page)]);
    await item.infer(reader.orientation, lines);
    await item.infer(reader.recognizer, lines);
  }

  return {
    methods: [
      batchwise(readTextPath, async (request: ReadTextRequest__Output, item): Promise<{ lines: ReadLine[] }> => {
        const image = await decodeImage(request.image, 'image', context.limits);
        return { lines: await readPage(reader, image, item) };
      }),
    ],
    tensors: textTensors((bytes) =>
      alone(async (item) => readPage(reader, await decodeEncodedImage(bytes, 'image', context.limits), item)),
    ),
    warmup: (rows) => together(rows, warmupPage),
  };
}
