// How many rows one batch of a model may have.
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { weftParameter } from './parameters.ts';

/**
 * What the model takes, or what its task wants (`weft.max_batch_size`); a model that does not batch takes one. A parameter
 * that is no whole number counts as absent: schedulingOf refuses it.
 */
export function maxRows(config: ModelConfig__Output): number {
  const wanted = Number(weftParameter(config, 'max_batch_size'));
  return Math.max(1, config.maxBatchSize, Number.isInteger(wanted) ? wanted : 0);
}
