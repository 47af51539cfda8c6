// Task `text-recognition`: finds the lines of text in an image, turns those that stand on their head, reads them, and
// puts them in reading order. A composite of the parts `detection`, `orientation` and `recognition`; the file `keys`
// holds the letters of the recognition model, one a line.
import { invalidArgument } from '@weft/errors';
import { blankImage, decodeEncodedImage, decodeImage, type Point, type Quad, type RgbImage } from '@weft/image';
import type { ReadTextRequest__Output } from '@weft/rpc/messages/weft/vision/v1/ReadTextRequest';
import { itemwise, type Task, type TaskContext, type TensorInterface } from '@weft/runtime';
import { float32Tensor, stringTensor, type TensorMap } from '@weft/tensor';
import { cutLine } from './cut-line.ts';
import { numberParameter } from './number-parameter.ts';
import { readLabels } from './read-labels.ts';
import { readingOrder } from './reading-order.ts';
import { TextDetector } from './text-detector.ts';
import { turnedQuad } from './text-quads.ts';
import { LineOrientation, TextRecognizer } from './text-recognizer.ts';

export const readTextPath = '/weft.vision.v1.VisionService/ReadText';

/** A line with a lower score is no text that anyone could read. */
const minScore = 0.5;
const warmupLines = 8;

export interface ReadLine {
  readonly text: string;
  readonly score: number;
  readonly polygon: readonly Point[];
}

export async function textRecognition(context: TaskContext): Promise<Task> {
  const keys = await readLabels(context.file('keys'));
  const detector = new TextDetector(await context.openModel('detection'), numberParameter(context, 'max_side', 1280));
  const orientation = new LineOrientation(await context.openModel('orientation'));
  const recognizer = new TextRecognizer(await context.openModel('recognition'), [...keys, ' ']);
  const leastScore = numberParameter(context, 'min_score', minScore);

  /** The lines of an image in reading order. `checkWanted` is called between costly steps and may throw. */
  async function readImage(image: RgbImage, checkWanted: () => void): Promise<ReadLine[]> {
    const found = await detector.find(image);
    checkWanted();
    const candidates = await turnUpright(image, found.flatMap(({ directions }, piece) => directions.map((quad) => ({ piece, quad }))));
    const texts = await recognizer.read(candidates.map(({ line }) => line), checkWanted);
    const best = new Map<number, ReadLine>();
    for (const [index, { piece, quad }] of candidates.entries()) {
      const { text, score } = texts[index] as { text: string; score: number };
      if (score >= leastScore && score > (best.get(piece)?.score ?? 0)) {
        best.set(piece, { text, score, polygon: clipped(quad, image) });
      }
    }
    const lines = [...best.values()];
    return readingOrder(lines.map(({ polygon }) => polygon as Quad)).map((index) => lines[index] as ReadLine);
  }

  /** The lines cut out, and those that look upside down once more, turned: what can be read better counts. */
  async function turnUpright(image: RgbImage, quads: readonly { piece: number; quad: Quad }[]) {
    const candidates = [];
    for (const each of quads) candidates.push({ ...each, line: await cutLine(image, each.quad) });
    const turned = await orientation.turned(candidates.map(({ line }) => line));
    for (const { piece, quad } of quads.filter((_, index) => turned[index])) {
      const upsideDown = turnedQuad(quad, 2);
      candidates.push({ piece, quad: upsideDown, line: await cutLine(image, upsideDown) });
    }
    return candidates;
  }

  return {
    methods: [
      itemwise<ReadTextRequest__Output, { lines: ReadLine[] }>(readTextPath, async (request, item) => {
        const image = await decodeImage(request.image, 'image', context.limits);
        return { lines: await readImage(image, () => item.throwIfGone()) };
      }),
    ],
    tensors: textTensors(async (bytes) => readImage(await decodeEncodedImage(bytes, 'image', context.limits), () => {})),
    async warmup(rows) {
      const page = blankImage(960, 720, [255, 255, 255]);
      const lines = Array.from({ length: warmupLines }, () => blankImage(320, 48, [255, 255, 255]));
      for (let row = 0; row < rows; row++) {
        await detector.find(page);
        await orientation.turned(lines);
        await recognizer.read(lines, () => {});
      }
    },
  };
}

function clipped(quad: Quad, { width, height }: RgbImage): Point[] {
  return quad.map(({ x, y }) => ({ x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) }));
}

/** What ModelInfer offers: an image file in, one element of each output for each line. */
export function textTensors(read: (bytes: Uint8Array) => Promise<readonly ReadLine[]>): TensorInterface {
  return {
    inputs: [{ name: 'image', datatype: 'BYTES', shape: [1] }],
    outputs: [
      { name: 'text', datatype: 'BYTES', shape: [-1] },
      { name: 'score', datatype: 'FP32', shape: [-1] },
      { name: 'polygon', datatype: 'FP32', shape: [-1, 4, 2] },
    ],
    async run(feeds, outputNames) {
      const bytes = feeds['image']?.elements[0];
      if (!(bytes instanceof Uint8Array)) throw invalidArgument('image: expected one element of BYTES');
      const lines = await read(bytes);
      const count = lines.length;
      const all: TensorMap = {
        text: stringTensor([count], lines.map(({ text }) => text)),
        score: float32Tensor([count], Float32Array.from(lines, ({ score }) => score)),
        polygon: float32Tensor([count, 4, 2], Float32Array.from(lines.flatMap(({ polygon }) => polygon.flatMap(({ x, y }) => [x, y])))),
      };
      return Object.fromEntries((outputNames ?? Object.keys(all)).map((name) => [name, all[name] as (typeof all)[string]]));
    },
  };
}
