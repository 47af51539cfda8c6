// Task `glyph-classification`: which character is written here? One character in ink on any paper, read by a network for small grey
// squares such as those that learn from MNIST. `weft.file.labels` names the classes, a label a line.
import { invalidArgument } from '@weft/errors';
import { blankImage, decodeImage, encodeImage, pasteImage } from '@weft/image';
import type { ClassifyRequest__Output } from '@weft/rpc/messages/weft/vision/v1/ClassifyRequest';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import {
  batchwise,
  inferOwn,
  type Label,
  readLabelFile,
  softmax,
  type Task,
  type TaskContext,
  topLabels,
} from '@weft/runtime';
import { float32Elements, float32Tensor, type Tensor, type TensorSpec } from '@weft/tensor';
import { fitGlyph } from './fit-glyph.ts';
import { classifyPath } from './image-classification.ts';
import { imageRows } from './image-rows.ts';

const defaultTopK = 5;

export async function glyphClassification(context: TaskContext): Promise<Task> {
  const labels = readLabelFile(context.file('labels'));
  const model = await context.openModel();
  const [input, ...others] = model.inputs;
  const [output] = model.outputs;
  if (input === undefined || output === undefined || others.length > 0 || !takesSquare(input))
    throw invalidArgument('the model should take one tensor FP32 [-1,1,side,side] and give one number for each class');
  const side = input.shape[3] as number;
  const classes = output.shape.at(-1);
  if (classes !== labels.length)
    throw invalidArgument(`weft.file.labels: expected ${classes} labels, got ${labels.length}`);

  const classifier = imageRows<Float32Array>({
    model,
    input: input.name,
    outputs: [output.name],
    maxRows: context.maxRows(model),
    feed(squares) {
      const all = new Float32Array(squares.length * side * side);
      for (const [row, square] of squares.entries()) all.set(square, row * side * side);
      return float32Tensor([squares.length, 1, side, side], all);
    },
  });

  const method = batchwise(
    classifyPath,
    async (request: ClassifyRequest__Output, item): Promise<{ labels: Label[] }> => {
      const image = await decodeImage(request.image, 'image', context.limits);
      const square = await fitGlyph(image, side);
      if (square === undefined) throw invalidArgument('image: nothing is drawn on it');
      const [outputs] = await item.infer(classifier, [square]);
      const probabilities = softmax(float32Elements(outputs?.[output.name] as Tensor));
      return { labels: topLabels(probabilities, labels, request.topK || defaultTopK) };
    },
  );

  return {
    methods: [method],
    async warmup(rows) {
      const paper = blankImage(64, 64, [255, 255, 255]);
      pasteImage(paper, blankImage(8, 40, [0, 0, 0]), { x: 28, y: 12 });
      const image = (await encodeImage(paper, 'IMAGE_FORMAT_PNG')) as Image__Output;
      await inferOwn(method, new Array<object>(rows).fill({ image, topK: 0 }));
    },
  };
}

function takesSquare({ datatype, shape }: TensorSpec): boolean {
  const [, channels, height, width] = shape;
  return datatype === 'FP32' && shape.length === 4 && channels === 1 && height === width && (width as number) > 0;
}
