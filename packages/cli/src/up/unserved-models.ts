// Models of the user's repositories that no service started here takes: without a word they would be nowhere.
import { scanRepositories } from '@weft/models';
import type { ServedModel } from './mesh-report.ts';
import type { UpSettings } from './up-settings.ts';

/** One row for each such model. None where replicas run elsewhere too: they may be whose models these are. */
export function unservedModels({
  modelRepository,
  services,
  endpoints,
}: Pick<UpSettings, 'modelRepository' | 'services' | 'endpoints'>): ServedModel[] {
  if (endpoints.length > 0) return [];
  const models = scanRepositories({ defaultRepository: undefined, repositories: modelRepository });
  return models
    .filter((model) => !services.includes(model.service))
    .map(({ name, versions: [version = ''], service }) => ({
      name,
      version,
      service,
      state: 'UNAVAILABLE',
      reason: `no service '${service}' is started here`,
      placements: [],
    }));
}
