// Task `pose-detection`: the joints of one person with MoveNet.
import { letterboxImage } from '@weft/image';
import type { Task, TaskContext } from '@weft/runtime';
import { float32Elements, int32Tensor, type Tensor } from '@weft/tensor';
import { detectorTask } from './detector.ts';
import { imageRows } from './image-rows.ts';
import { readPose } from './movenet-pose.ts';
import { requireTensor } from './require-tensors.ts';

const inputName = 'input:0';
const outputName = 'Identity:0';
const minScore = 0.25;

export async function poseDetection(context: TaskContext): Promise<Task> {
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
        feed(boxes) {
          const pixels = new Int32Array(boxes.length * height * width * 3);
          for (const [row, { image }] of boxes.entries()) pixels.set(image.pixels, row * image.pixels.length);
          return int32Tensor([boxes.length, height, width, 3], pixels);
        },
      }),
      read: (outputs, box, threshold) => readPose(float32Elements(outputs[outputName] as Tensor), box, threshold),
    },
    minScore,
  );
}
