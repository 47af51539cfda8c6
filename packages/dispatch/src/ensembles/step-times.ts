// What an ensemble's answer says of its times: those of its steps together, as if they had run one after the other.
import type { ItemTimes } from '@weft/rpc';

export const noTimes: ItemTimes = { queueUs: 0, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 };

export function addTimes(a: ItemTimes, b: ItemTimes): ItemTimes {
  return {
    queueUs: a.queueUs + b.queueUs,
    computeInputUs: a.computeInputUs + b.computeInputUs,
    computeInferUs: a.computeInferUs + b.computeInferUs,
    computeOutputUs: a.computeOutputUs + b.computeOutputUs,
  };
}
