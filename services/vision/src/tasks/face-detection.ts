// Task `face-detection`: faces and their six points with BlazeFace, in either of its sizes (128: near faces, as before
// a telephone; 256: also farther ones). The four outputs are told apart by their shapes.
import { invalidArgument } from '@weft/errors';
import { imageTensor, letterboxImage } from '@weft/image';
import type { BackendModel, Task, TaskContext } from '@weft/runtime';
import { float32Elements, type Tensor } from '@weft/tensor';
import { readFaces } from './blazeface-faces.ts';
import { detectorTask } from './detector.ts';
import { imageRows } from './image-rows.ts';

const minScore = 0.65;
const grids = [
  { anchors: 512, anchorsPerCell: 2 },
  { anchors: 384, anchorsPerCell: 6 },
] as const;

export async function faceDetection(context: TaskContext): Promise<Task> {
  const model = await context.openModel();
  const input = model.inputs[0];
  const [, height, width, channels] = input?.shape ?? [];
  if (input === undefined || height === undefined || width === undefined || channels !== 3) {
    throw invalidArgument('face-detection: expected one input of shape [1,height,width,3]');
  }
  const outputs = grids.map(({ anchors, anchorsPerCell }) => ({
    anchorsPerCell,
    scores: outputOfRows(model, [anchors, 1]),
    positions: outputOfRows(model, [anchors, 16]),
  }));

  return detectorTask(
    context,
    {
      maxImages: context.maxRows(model),
      prepare: (image) => letterboxImage(image, { width, height }),
      model: imageRows({
        model,
        input: input.name,
        maxRows: context.maxRows(model),
        feed: (boxes) =>
          imageTensor(
            boxes.map(({ image }) => image),
            { layout: 'NHWC', mean: 127.5, scale: 1 / 127.5 },
          ),
      }),
      read: (tensors, box, threshold) => {
        const elements = (name: string): Float32Array => float32Elements(tensors[name] as Tensor);
        const read = outputs.map(({ anchorsPerCell, scores, positions }) => ({
          anchorsPerCell,
          scores: elements(scores),
          positions: elements(positions),
        }));
        return readFaces(read, box, threshold);
      },
    },
    minScore,
  );
}

/** The output of this shape behind the images. */
function outputOfRows(model: BackendModel, shape: readonly number[]): string {
  const found = model.outputs.find((output) => output.shape.slice(1).join() === shape.join());
  if (found === undefined)
    throw invalidArgument(`face-detection: the model has no output of shape [1,${shape.join(',')}]`);
  return found.name;
}
