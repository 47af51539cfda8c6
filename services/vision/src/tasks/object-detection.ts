// Task `object-detection`: everyday objects with CenterNet. Needs `weft.file.labels`: one label a line, in the order of
// the model's classes.
import { imageTensor, letterboxImage } from '@weft/image';
import { readLabelFile, type Task, type TaskContext } from '@weft/runtime';
import { float32Elements, type Tensor } from '@weft/tensor';
import { readCenternetRows } from './centernet-rows.ts';
import { detectorTask } from './detector.ts';
import { imageRows } from './image-rows.ts';
import { requireTensor } from './require-tensors.ts';

const inputName = 'tower_0/images';
const outputName = 'tower_0/detections';
const minScore = 0.3;

export async function objectDetection(context: TaskContext): Promise<Task> {
  const labels = readLabelFile(context.file('labels'));
  const model = await context.openModel();
  const [, height, width] = requireTensor(model.inputs, inputName).shape as [number, number, number, number];
  requireTensor(model.outputs, outputName);

  return detectorTask(
    context,
    {
      maxImages: context.maxRows(model),
      prepare: (image) => letterboxImage(image, { width, height }),
      model: imageRows({
        model,
        input: inputName,
        outputs: [outputName],
        maxRows: context.maxRows(model),
        feed: (boxes) =>
          imageTensor(
            boxes.map(({ image }) => image),
            { layout: 'NHWC', scale: 1 },
          ),
      }),
      read: (outputs, box, threshold) =>
        readCenternetRows(float32Elements(outputs[outputName] as Tensor), box, { labels, minScore: threshold }),
    },
    minScore,
  );
}
