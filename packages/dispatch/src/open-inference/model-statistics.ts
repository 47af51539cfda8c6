// Which model versions a call of ModelStatistics is answered for: those that are known, whether they serve at the moment or not.
import { WeftError } from '@weft/errors';
import type { ModelStatistics } from '@weft/rpc/messages/inference/ModelStatistics';
import type { ModelStatisticsRequest__Output } from '@weft/rpc/messages/inference/ModelStatisticsRequest';
import type { Inventory } from '../replicas/inventory.ts';
import type { StatisticsBook } from '../statistics/statistics-book.ts';
import { statisticsMessage } from '../statistics/statistics-message.ts';

export interface StatisticsSource {
  readonly inventory: () => Inventory;
  readonly statistics: StatisticsBook;
}

/** With an empty version all of the model, with an empty name all there are. Throws NOT_FOUND for what nobody knows. */
export function modelStatistics(
  { inventory, statistics }: StatisticsSource,
  { name, version }: Pick<ModelStatisticsRequest__Output, 'name' | 'version'>,
): ModelStatistics[] {
  const { models } = inventory();
  const names = name === '' ? [...models.keys()].sort() : [name];
  const unknown = (what: string): WeftError =>
    new WeftError('NOT_FOUND', `Request for unknown model: ${what} is not found`);
  if (name !== '' && !models.has(name)) throw unknown(`'${name}'`);
  if (name === '' && version !== '') throw new WeftError('INVALID_ARGUMENT', 'Model name cannot be empty');
  const entries = names.flatMap((model) =>
    (models.get(model) ?? [])
      .filter((view) => version === '' || view.version === version)
      .map((view) => statisticsMessage(statistics, model, view.version)),
  );
  if (version !== '' && entries.length === 0) throw unknown(`'${name}' version ${version}`);
  return entries;
}
