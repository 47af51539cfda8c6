// The tasks of this service, by the name that a model's parameter `weft.task` gives.
import type { TaskFactory } from '@weft/runtime';
import { faceDetection } from './tasks/face-detection.ts';
import { glyphClassification } from './tasks/glyph-classification.ts';
import { imageClassification } from './tasks/image-classification.ts';
import { objectDetection } from './tasks/object-detection.ts';
import { poseDetection } from './tasks/pose-detection.ts';
import { textRecognition } from './tasks/text-recognition.ts';

export const tasks: Readonly<Record<string, TaskFactory>> = {
  'face-detection': faceDetection,
  'glyph-classification': glyphClassification,
  'image-classification': imageClassification,
  'object-detection': objectDetection,
  'pose-detection': poseDetection,
  'text-recognition': textRecognition,
};
