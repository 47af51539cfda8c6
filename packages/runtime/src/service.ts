// The main thread's half of the runtime.
export { type ModelServiceOptions, startModelService } from './model-service.ts';
export type { ModelReport, ReadyReport, RunningService } from '@weft/dispatch';
