// Which versions of a model serve the requests that name none, and who gets which share of them. Pure: the inventory asks at
// each change, and who draws only looks up the answer.
//
// With a canary, it gets its share and the stable version the rest. A version that is READY nowhere leaves its share to the
// other one, so that a canary never fails a request by not being there. Without a stable version named, or as long as the
// named one is READY nowhere, the newest READY version serves that is neither superseded nor on trial.
//
// A switch from one version to the next rolls over the replicas one after the other: where the new one is not READY yet, an
// older one still serves and calls itself superseded. All the traffic to the first replica that has the new one would leave
// the others idle, so the two share it by the instances that are READY, until no replica is left with the old one.
import type { Rollout__Output } from '@weft/rpc/messages/weft/models/v1/Rollout';

/** One model version over all replicas, as far as it matters here. */
export interface Candidate {
  readonly version: string;
  /** Some replica has it READY, and it may serve. */
  readonly ready: boolean;
  readonly replicas: readonly {
    readonly replicaId: string;
    readonly serving: boolean;
    readonly entry: { readonly instances: number; readonly superseded: boolean };
  }[];
}

export interface Share<View> {
  readonly view: View;
  /** Above 0; those of a model sum up to 1. */
  readonly share: number;
}

/** `views` are the model's versions, the newest first. Empty when nothing serves. The canary comes last. */
export function versionShares<View extends Candidate>(
  views: readonly View[],
  rollout: Rollout__Output | null | undefined,
): readonly Share<View>[] {
  const ready = views.filter((view) => view.ready);
  const canary = ready.find(({ version }) => version === rollout?.canary);
  const onTrial = (version: string): boolean => version === rollout?.canary || version === rollout?.shadow;
  const candidates = ready.filter(({ version }) => !onTrial(version) || version === rollout?.stable);
  const stable =
    candidates.find(({ version }) => version === rollout?.stable) ??
    candidates.find((view) => !isSuperseded(view)) ??
    candidates[0];
  if (stable === undefined) return canary === undefined ? [] : [{ view: canary, share: 1 }];
  const canaryShare = canary === undefined ? 0 : (rollout?.canaryShare ?? 0);
  const shares = rollingShares(stable, candidates).map(({ view, share }) => ({
    view,
    share: share * (1 - canaryShare),
  }));
  if (canary !== undefined) shares.push({ view: canary, share: canaryShare });
  return shares.filter(({ share }) => share > 0);
}

/** The version that gets copies, where one is READY. */
export function shadowShare<View extends Candidate>(
  views: readonly View[],
  rollout: Rollout__Output | null | undefined,
): Share<View> | undefined {
  const share = rollout?.shadowShare ?? 0;
  const view = share > 0 ? views.find(({ version, ready }) => ready && version === rollout?.shadow) : undefined;
  return view === undefined ? undefined : { view, share };
}

/** The version of the share that holds a point: 0 is in the first, anything below 1 in one of them. */
export function shareAt<View>(shares: readonly Share<View>[], point: number): View | undefined {
  let end = 0;
  for (const { view, share } of shares) {
    end += share;
    if (point < end) return view;
  }
  return shares.at(-1)?.view;
}

function rollingShares<View extends Candidate>(wanted: View, candidates: readonly View[]): Share<View>[] {
  const instances = new Map<View, number>();
  const covered = new Set<string>();
  const older = candidates.filter((view) => view !== wanted && isSuperseded(view));
  for (const view of [wanted, ...older]) {
    for (const { replicaId, serving, entry } of view.replicas) {
      if (!serving || covered.has(replicaId) || (view !== wanted && !entry.superseded)) continue;
      covered.add(replicaId);
      instances.set(view, (instances.get(view) ?? 0) + Math.max(1, entry.instances));
    }
  }
  const all = [...instances.values()].reduce((sum, count) => sum + count, 0);
  return [...instances].map(([view, count]) => ({ view, share: count / all }));
}

/** Nobody serves it for its own sake. */
function isSuperseded({ replicas }: Candidate): boolean {
  return replicas.every(({ serving, entry }) => !serving || entry.superseded);
}
