// Which model versions have a response cache, and when what is kept of one does not count any more: when nobody serves it, or when it
// was loaded again somewhere, since its files may have changed under its number.
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { Inventory, VersionView } from '../replicas/inventory.ts';

/** One for as long as answers of the version count: what belongs to another object of the same name is stale. */
export interface CachedVersion {
  readonly model: string;
  readonly version: string;
  /** Where it has been loaded: replica and the number of the load there. */
  readonly loads: ReadonlySet<string>;
}

export type CachedVersions = ReadonlyMap<string, ReadonlyMap<string, CachedVersion>>;

/** By model and version. Objects of `before` live on where nothing has changed. */
export function cachedVersions({ models }: Pick<Inventory, 'models'>, before: CachedVersions): CachedVersions {
  const now = new Map<string, ReadonlyMap<string, CachedVersion>>();
  for (const [model, views] of models) {
    const versions = new Map<string, CachedVersion>();
    for (const view of views) {
      const cached = cachedVersion(view, before.get(model)?.get(view.version));
      if (cached !== undefined) versions.set(view.version, cached);
    }
    if (versions.size > 0) now.set(model, versions);
  }
  return now;
}

function cachedVersion(view: VersionView, before: CachedVersion | undefined): CachedVersion | undefined {
  if (!cachesResponses(view.entry.config)) return undefined;
  const serving = view.replicas.filter((replica) => replica.serving);
  if (serving.length === 0) return undefined;
  const loads = new Set(serving.map(({ replicaId, entry }) => `${replicaId} ${entry.load}`));
  // A replica that came may have other files; one that went changes nothing.
  if (before !== undefined && [...loads].every((load) => before.loads.has(load))) return before;
  return { model: view.model, version: view.version, loads };
}

/** An answer that depends on more than its request, or is not one answer, cannot be kept. */
function cachesResponses(config: ModelConfig__Output | null): boolean {
  if (config?.responseCache?.enable !== true) return false;
  return (config.sequenceBatching ?? undefined) === undefined && config.modelTransactionPolicy?.decoupled !== true;
}
