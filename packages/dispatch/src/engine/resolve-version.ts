// Which version of which model a request means, or why there is none.
import { WeftError } from '@weft/errors';
import { type Inventory, type VersionView, whyNotReady, whyWithdrawn } from '../replicas/inventory.ts';
import { shareAt } from '../rollout/version-shares.ts';

/**
 * The version that a request gets which names this one; undefined when there is none. An empty one is the version with the first
 * share; a withdrawn version, which serves as long as no other one can, is only for those.
 */
export function readyVersion(inventory: Inventory, model: string, version: string): VersionView | undefined {
  if (version === '') return inventory.shares.get(model)?.[0]?.view;
  const view = servedView(inventory, model, version);
  return view?.withdrawn === undefined ? view : undefined;
}

/**
 * The version that a request names; with an empty one the version with the first share. Throws NOT_FOUND for a name or version
 * that nobody knows, UNAVAILABLE for one that is not READY anywhere or may not serve.
 */
export function resolveVersion(inventory: Inventory, model: string, version: string): VersionView {
  const { models, conflicts, desired } = inventory;
  const conflict = conflicts.get(model);
  if (conflict !== undefined) throw new WeftError('UNAVAILABLE', conflict);
  const versions = models.get(model);
  const wanted = desired.get(model);
  if (versions === undefined && wanted === undefined)
    throw new WeftError('NOT_FOUND', `Request for unknown model: '${model}' is not found`);
  const ready = readyVersion(inventory, model, version);
  if (ready !== undefined) return ready;
  const chosen =
    versions?.find((view) =>
      version === '' ? !view.ready && view.withdrawn === undefined : view.version === version,
    ) ?? (version === '' ? versions?.[0] : undefined);
  const named = (chosen?.version ?? version) === '' ? '' : ` version ${chosen?.version ?? version}`;
  const withdrawn = whyWithdrawn(desired, model, version);
  const pushed = version === '' || wanted?.versions.some((one) => one.version === version) === true;
  if (chosen === undefined && withdrawn === undefined && !pushed)
    throw new WeftError('NOT_FOUND', `Request for unknown model: '${model}' version ${version} is not found`);
  const why = chosen === undefined ? (withdrawn ?? 'no replica has it') : whyNotServed(chosen);
  throw new WeftError('UNAVAILABLE', `model '${model}'${named} is not at ready state: ${why}`);
}

/** A shadow may be READY alone: its answers are for nobody. */
function whyNotServed(view: VersionView): string {
  return view.ready && view.withdrawn === undefined ? 'READY, with no share of the requests' : whyNotReady(view);
}

/** The version of a request that names none. `nextPoint` is asked only where there is a choice. */
export function drawVersion(inventory: Inventory, model: string, nextPoint: (model: string) => number): VersionView {
  const shares = inventory.shares.get(model) ?? [];
  const drawn = shares.length > 1 ? shareAt(shares, nextPoint(model)) : shares[0]?.view;
  return drawn ?? resolveVersion(inventory, model, '');
}

/** The version of a request, drawn where it names none and none was drawn before that still serves. Throws why there is none. */
export function chooseVersion(
  inventory: Inventory,
  { model, version, drawn }: { readonly model: string; readonly version: string; readonly drawn?: string },
  nextPoint: (model: string) => number,
): VersionView {
  const before = drawn === undefined ? undefined : readyVersion(inventory, model, drawn);
  if (before !== undefined) return before;
  return version === '' ? drawVersion(inventory, model, nextPoint) : resolveVersion(inventory, model, version);
}

/** A version that some replica has READY and that no two services claim. */
function servedView({ models, conflicts }: Inventory, model: string, version: string): VersionView | undefined {
  if (conflicts.has(model)) return undefined;
  return models.get(model)?.find((view) => view.version === version && view.ready);
}

/** A served version that has instances, and so a queue. */
export function queuedView(inventory: Inventory, model: string, version: string): VersionView | undefined {
  const view = servedView(inventory, model, version);
  return view?.ensemble === undefined ? view : undefined;
}

/** Whether nobody serves a version any more, while another one of its model is READY. */
export function isSupplanted(inventory: Inventory, model: string, version: string): boolean {
  if (inventory.conflicts.has(model) || servedView(inventory, model, version) !== undefined) return false;
  return inventory.models.get(model)?.some(({ ready }) => ready) === true;
}
