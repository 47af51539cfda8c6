// The tasks of this service, by the name that a model's parameter `weft.task` gives.
import type { TaskFactory } from '@weft/runtime';
import { textGenerationTask } from './tasks/generation/text-generation.ts';
import { textClassificationTask } from './tasks/text-classification.ts';
import { textEmbeddingTask } from './tasks/text-embedding.ts';

export const tasks: Readonly<Record<string, TaskFactory>> = {
  'text-classification': textClassificationTask,
  'text-embedding': textEmbeddingTask,
  'text-generation': textGenerationTask,
};
