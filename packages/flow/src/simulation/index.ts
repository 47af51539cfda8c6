export { createRandom, type Random } from './random.ts';
export {
  inTime,
  type Placement,
  type Scenario,
  type SimBatch,
  type SimModel,
  simulate,
  type Simulated,
} from './simulate.ts';
export type { SimRequest } from './station.ts';
