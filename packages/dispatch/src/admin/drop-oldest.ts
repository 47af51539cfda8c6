// Which pushed versions a push makes the mesh forget: an event is the whole desired state of its model, so a model that is pushed
// every day would outgrow what an event may hold. The oldest go, never one that has a part in what serves.
import { chooseVersions } from '@weft/models';
import type { ModelChange } from '../rollout/model-change.ts';
import type { ModelFacts } from '../rollout/model-facts.ts';

/** The change, and with it what it leaves beyond `keep` pushed versions, the new one among them. Other changes stay as they are. */
export function dropOldest(change: ModelChange | undefined, facts: ModelFacts, keep: number): ModelChange | undefined {
  const added = change?.newVersion;
  if (change === undefined || added?.version === undefined) return change;
  const withdrawals = change.withdrawals ?? facts.desired?.withdrawals ?? [];
  const pushed = [...(facts.desired?.versions ?? []).map(({ version }) => version), added.version];
  const { stable, canary, shadow } = change.rollout ?? facts.rollout;
  const policy =
    facts.desired?.versionPolicy ?? (isNewest(added.version, facts) ? added.config?.versionPolicy : facts.policy);
  const candidates = [...facts.versions, added.version].filter(
    (version) => !withdrawals.some((one) => one.version === version),
  );
  const wanted = chooseVersions(candidates.map(Number), (policy ?? null) as ModelFacts['policy']).map(String);
  // Until the new version is READY somewhere the one before serves.
  const needed = new Set([...wanted, added.version, stable, canary, shadow, facts.stable]);
  const oldestFirst = pushed.filter((version) => !needed.has(version)).sort((a, b) => Number(a) - Number(b));
  const dropped = oldestFirst.slice(0, Math.max(0, pushed.length - keep));
  if (dropped.length === 0) return change;
  return {
    ...change,
    dropped,
    withdrawals: withdrawals.filter(({ version }) => version === undefined || !dropped.includes(version)),
  };
}

function isNewest(version: string, { versions }: ModelFacts): boolean {
  return Number(version) > Number(versions[0] ?? 0);
}
