// The tasks that this service's models may name in `weft.task`.
import type { TaskFactory } from '@weft/runtime';
import { faceDetection } from './tasks/face-detection.ts';
import { objectDetection } from './tasks/object-detection.ts';
import { poseDetection } from './tasks/pose-detection.ts';
import { textRecognition } from './tasks/text-recognition.ts';

export const tasks: Readonly<Record<string, TaskFactory>> = {
  'object-detection': objectDetection,
  'face-detection': faceDetection,
  'pose-detection': poseDetection,
  'text-recognition': textRecognition,
};
