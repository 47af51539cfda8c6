// Task `image-classification`: what symbol is drawn here? The drawing, whatever its size, pen and colours, is brought
// into the form that the model learned: white strokes of one width on black, filling the square. `weft.file.labels`
// names the classes.
import { invalidArgument } from '@weft/errors';
import { blankImage, decodeImage, encodeImage, pasteImage, resizeImage, type RgbImage } from '@weft/image';
import type { ClassifyRequest__Output } from '@weft/rpc/messages/weft/vision/v1/ClassifyRequest';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import { batchwise, inferOwn, type Label, softmax, type Task, type TaskContext, topLabels } from '@weft/runtime';
import { float32Elements, float32Tensor, type Tensor } from '@weft/tensor';
import { type Canvas, drawStrokes } from './draw-strokes.ts';
import { imageRows } from './image-rows.ts';
import { inkMask } from './ink-mask.ts';
import { requireTensor } from './require-tensors.ts';
import { readSymbolLabels } from './symbol-labels.ts';
import { thinStrokes } from './thin-strokes.ts';

export const classifyPath = '/weft.vision.v1.VisionService/Classify';

const inputName = 'x';
const outputName = 'linear';
const defaultTopK = 5;
/** The longer side of the image in which strokes are thinned: fine enough for the model's square, small enough to be quick. */
const thinningSide = 320;
/** Of the drawings that the model learned from, in a square of 224. */
const pen = { margin: 10 / 224, width: 8 / 224 };

export async function imageClassification(context: TaskContext): Promise<Task> {
  const labels = await readSymbolLabels(context.file('labels'));
  const model = await context.openModel();
  const size = requireTensor(model.inputs, inputName).shape.at(-1) as number;
  const classes = requireTensor(model.outputs, outputName).shape.at(-1);
  if (classes !== labels.length)
    throw invalidArgument(`weft.file.labels: expected ${classes} labels, got ${labels.length}`);
  const canvas = { size, margin: size * pen.margin, penWidth: size * pen.width };

  const classifier = imageRows<Float32Array>({
    model,
    input: inputName,
    outputs: [outputName],
    maxRows: context.maxRows(model),
    feed(drawings) {
      const all = new Float32Array(drawings.length * size * size);
      for (const [row, drawing] of drawings.entries()) all.set(drawing, row * size * size);
      return float32Tensor([drawings.length, 1, size, size], all);
    },
  });

  const method = batchwise(
    classifyPath,
    async (request: ClassifyRequest__Output, item): Promise<{ labels: Label[] }> => {
      const image = await decodeImage(request.image, 'image', context.limits);
      const drawing = await redraw(image, canvas);
      if (drawing === undefined) throw invalidArgument('image: nothing is drawn on it');
      const [outputs] = await item.infer(classifier, [drawing]);
      const probabilities = softmax(float32Elements(outputs?.[outputName] as Tensor));
      return { labels: topLabels(probabilities, labels, request.topK || defaultTopK) };
    },
  );

  return {
    methods: [method],
    async warmup(rows) {
      const paper = blankImage(300, 300, [255, 255, 255]);
      pasteImage(paper, blankImage(200, 12, [0, 0, 0]), { x: 50, y: 144 });
      const image = (await encodeImage(paper, 'IMAGE_FORMAT_PNG')) as Image__Output;
      await inferOwn(method, new Array<object>(rows).fill({ image, topK: 0 }));
    },
  };
}

/** The strokes of the image as the model wants them; undefined when there are none. */
async function redraw(image: RgbImage, canvas: Canvas): Promise<Float32Array | undefined> {
  const scale = thinningSide / Math.max(image.width, image.height);
  const size = {
    width: Math.max(1, Math.round(image.width * scale)),
    height: Math.max(1, Math.round(image.height * scale)),
  };
  const mask = inkMask(await resizeImage(image, size, 'cubic'));
  if (!mask.includes(1)) return undefined;
  return drawStrokes(thinStrokes(mask, size.width, size.height), size.width, canvas);
}
