export type { ModelConfig } from './gen/inference/ModelConfig.ts';
