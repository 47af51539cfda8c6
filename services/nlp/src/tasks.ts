// The tasks of this service, by the name that a model's parameter `weft.task` gives.
import type { TaskFactory } from '@weft/runtime';
import { textGeneration } from './tasks/generation/text-generation.ts';
import { textClassification } from './tasks/text-classification.ts';
import { textEmbedding } from './tasks/text-embedding.ts';

export const tasks: Readonly<Record<string, TaskFactory>> = {
  'text-classification': textClassification,
  'text-embedding': textEmbedding,
  'text-generation': textGeneration,
};
