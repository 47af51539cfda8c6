// The tasks that this service's models may name in `weft.task`.
import type { TaskFactory } from '@weft/runtime';
import { superResolution } from './tasks/super-resolution.ts';

export const tasks: Readonly<Record<string, TaskFactory>> = {
  'super-resolution': superResolution,
};
