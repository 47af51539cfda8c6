// The rows of the repository index: one for each name and version, with its state over all replicas and the reason.
import type { RepositoryIndexResponse } from '@weft/rpc/messages/inference/RepositoryIndexResponse';
import { type Inventory, stateName, type VersionView, whyNotReady, whyWithdrawn } from '../replicas/inventory.ts';

/** Withdrawn and unloaded versions stay in the index, with the reason, also where no replica reports them any more. */
export function indexRows(inventory: Inventory, readyOnly: boolean): NonNullable<RepositoryIndexResponse['models']> {
  const views = [...inventory.models.values()].flat();
  const rows = [
    ...views.map((view) => indexRow(view, inventory.conflicts.get(view.model))),
    ...[...inventory.desired].flatMap(([name]) => absentRows(inventory, name)),
  ];
  return rows
    .filter((row) => !readyOnly || row.state === 'READY')
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Of versions that the event log knows and no replica reports. */
function absentRows(inventory: Inventory, name: string): ReturnType<typeof indexRow>[] {
  const wanted = inventory.desired.get(name);
  const reported = new Set(inventory.models.get(name)?.map(({ version }) => version));
  const versions = new Set([...(wanted?.versions ?? []), ...(wanted?.withdrawals ?? [])].map(({ version }) => version));
  // An unloaded model of the replicas' own repositories: which versions there are only they know.
  if (wanted?.unloaded === true && reported.size === 0 && versions.size === 0) versions.add('');
  return [...versions]
    .filter((version) => !reported.has(version))
    .flatMap((version) => {
      const reason = whyWithdrawn(inventory.desired, name, version);
      return reason === undefined ? [] : [{ name, version, state: 'UNAVAILABLE', reason }];
    });
}

function indexRow(
  view: VersionView,
  conflict: string | undefined,
): { name: string; version: string; state: string; reason: string } {
  const { model: name, version } = view;
  if (conflict !== undefined) return { name, version, state: 'UNAVAILABLE', reason: conflict };
  if (view.withdrawn !== undefined) return { name, version, state: 'UNAVAILABLE', reason: view.withdrawn };
  if (!view.ready) {
    const known = view.replicas.find(
      ({ entry, away }) => away !== 'not connected' && entry.state !== 'MODEL_STATE_READY',
    );
    const state = known === undefined ? 'UNAVAILABLE' : stateName(known.entry);
    return { name, version, state, reason: whyNotReady(view, state) };
  }
  const serving = view.replicas.filter((replica) => replica.serving).length;
  const all = view.replicas.length;
  return {
    name,
    version,
    state: 'READY',
    reason: serving === all ? '' : `${serving}/${all} replicas: ${whyNotReady(view)}`,
  };
}
