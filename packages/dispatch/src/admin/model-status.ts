// The desired and the actual state of every model, as operators see it.
import type { ModelStatus } from '@weft/rpc/messages/weft/router/v1/ModelStatus';
import type { ReplicaVersion } from '@weft/rpc/messages/weft/router/v1/ReplicaVersion';
import type { VersionStatus } from '@weft/rpc/messages/weft/router/v1/VersionStatus';
import { type Inventory, stateName, type VersionView, whyWithdrawn } from '../replicas/inventory.ts';
import type { MeshAdminOptions } from './mesh-admin.ts';

type Source = Pick<MeshAdminOptions, 'engine' | 'desired'>;

export function modelStatuses({ engine, desired }: Source): ModelStatus[] {
  const { inventory } = engine;
  const names = new Set([...inventory.models.keys(), ...inventory.desired.keys()]);
  return [...names].sort().map((name) => {
    const known = desired.last(name);
    // Before the log has spoken: what the router knew when it ran last.
    const model = known?.event.model ?? inventory.desired.get(name);
    const views = inventory.models.get(name) ?? [];
    return {
      name,
      service: views[0]?.service ?? model?.service ?? '',
      event: known?.event ?? (model === undefined ? null : { model }),
      revision: known?.revision ?? 0,
      versions: versionsOf(name, engine),
      reason: inventory.conflicts.get(name) ?? (model?.unloaded === true ? 'unloaded' : ''),
    };
  });
}

function versionsOf(name: string, engine: Source['engine']): VersionStatus[] {
  const { inventory } = engine;
  const views = inventory.models.get(name) ?? [];
  const wanted = inventory.desired.get(name);
  const numbers = new Set([
    ...views.map(({ version }) => version),
    ...(wanted?.versions ?? []).map(({ version }) => version),
    ...(wanted?.withdrawals ?? []).map(({ version }) => version),
  ]);
  const newestFirst = [...numbers].sort((a, b) => Number(b) - Number(a));
  return newestFirst.map((version) => {
    const view = views.find((one) => one.version === version);
    const tally = engine.tallyOf(name, version);
    const shadow = inventory.shadows.get(name);
    return {
      version,
      share: inventory.shares.get(name)?.find((one) => one.view.version === version)?.share ?? 0,
      shadowShare: shadow?.view.version === version ? shadow.share : 0,
      withdrawn: withdrawalOf(inventory, name, version),
      replicas: view === undefined ? [] : replicasOf(view, engine),
      answered: tally?.answered ?? 0,
      failed: tally?.failed ?? 0,
    };
  });
}

function withdrawalOf(inventory: Inventory, name: string, version: string): string {
  const withdrawal = inventory.desired.get(name)?.withdrawals.find((one) => one.version === version);
  return withdrawal?.reason || (withdrawal === undefined ? '' : (whyWithdrawn(inventory.desired, name, version) ?? ''));
}

function replicasOf(view: VersionView, engine: Source['engine']): ReplicaVersion[] {
  const endpoints = new Map(
    [...engine.replicas].map(([endpoint, replica]) => [replica.view.state.replicaId, endpoint]),
  );
  return view.replicas.map(({ replicaId, away, entry }) => ({
    replicaId,
    endpoint: endpoints.get(replicaId) ?? '',
    state: away === 'not connected' ? 'UNAVAILABLE' : stateName(entry),
    reason: away === undefined ? entry.reason : `its replica is ${away}`,
  }));
}
