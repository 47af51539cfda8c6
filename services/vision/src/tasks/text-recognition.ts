// Task `text-recognition`: the lines of text in an image, in reading order. A composite of the parts `detection`,
// `orientation` and `recognition`; the file `keys` holds the letters of the recognition model, one a line.
import { blankImage, decodeEncodedImage, decodeImage } from '@weft/image';
import type { ReadTextRequest__Output } from '@weft/rpc/messages/weft/vision/v1/ReadTextRequest';
import { itemwise, type Task, type TaskContext } from '@weft/runtime';
import { numberParameter } from './number-parameter.ts';
import { type PageReader, type ReadLine, readPage } from './page-reader.ts';
import { readLabels } from './read-labels.ts';
import { TextDetector } from './text-detector.ts';
import { LineOrientation, TextRecognizer } from './text-recognizer.ts';
import { textTensors } from './text-tensors.ts';

export const readTextPath = '/weft.vision.v1.VisionService/ReadText';

const warmupLines = 8;

export async function textRecognition(context: TaskContext): Promise<Task> {
  const keys = await readLabels(context.file('keys'));
  const reader: PageReader = {
    detector: new TextDetector(await context.openModel('detection'), numberParameter(context, 'max_side', 1280)),
    orientation: new LineOrientation(await context.openModel('orientation')),
    recognizer: new TextRecognizer(await context.openModel('recognition'), [...keys, ' ']),
    minScore: numberParameter(context, 'min_score', 0.5),
  };

  return {
    methods: [
      itemwise<ReadTextRequest__Output, { lines: ReadLine[] }>(readTextPath, async (request, item) => {
        const image = await decodeImage(request.image, 'image', context.limits);
        return { lines: await readPage(reader, image, () => item.throwIfGone()) };
      }),
    ],
    tensors: textTensors(async (bytes) =>
      readPage(reader, await decodeEncodedImage(bytes, 'image', context.limits), () => {}),
    ),
    // A blank page has no lines, so each part is given what a page with some lines would give it.
    async warmup(rows) {
      const page = blankImage(960, 720, [255, 255, 255]);
      const lines = Array.from({ length: warmupLines }, () => blankImage(320, 48, [255, 255, 255]));
      for (let row = 0; row < rows; row++) {
        await reader.detector.find(page);
        await reader.orientation.turned(lines);
        await reader.recognizer.read(lines, () => {});
      }
    },
  };
}
