// Loading and unloading a model everywhere: one event each.
import type { ModelConfig } from '@weft/rpc/messages/inference/ModelConfig';
import type { Caller } from '../engine/caller.ts';
import { requireService } from '../rollout/model-facts.ts';
import { authorOf, type MeshAdmin, type ReplicaOutcomes } from './mesh-admin.ts';

/** `config` takes the place of the one in the replicas' model repositories; null: theirs counts. */
export async function loadModel(
  admin: MeshAdmin,
  { name, config }: { readonly name: string; readonly config: ModelConfig | null },
  context: Caller,
): Promise<ReplicaOutcomes> {
  const { revision, model } = await admin.change(name, authorOf(context), (facts) => ({
    reason: config === null ? 'loaded' : 'loaded with another configuration',
    service: requireService(facts),
    unloaded: false,
    loadGeneration: (facts.desired?.loadGeneration ?? 0) + 1,
    configOverride: config,
  }));
  return admin.outcome({ model: name, service: model.service, revision }, context);
}

export async function unloadModel(admin: MeshAdmin, name: string, context: Caller): Promise<ReplicaOutcomes> {
  const { revision, model } = await admin.change(name, authorOf(context), (facts) =>
    facts.desired?.unloaded === true
      ? undefined
      : { reason: 'unloaded', service: requireService(facts), unloaded: true },
  );
  return admin.outcome({ model: name, service: model.service, revision }, context);
}
