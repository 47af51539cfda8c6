// The tasks that this service's models may name in `weft.task`.
import type { TaskFactory } from '@weft/runtime';
import { imageGeneration } from './tasks/image-generation.ts';
import { superResolution } from './tasks/super-resolution.ts';

export const tasks: Readonly<Record<string, TaskFactory>> = {
  'image-generation': imageGeneration,
  'super-resolution': superResolution,
};
