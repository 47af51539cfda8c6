// What is wrong with a deployment, from its objects alone: causes before what follows from them, each once.
import type { ClusterState } from './cluster-objects.ts';
import { type Finding, workloadOf } from './finding.ts';
import { podTrouble } from './pod-trouble.ts';
import { referenceFindings } from './reference-findings.ts';
import { scalingFindings } from './scaling-findings.ts';
import { workloadFindings } from './workload-findings.ts';

/** `nowMs` is a date, as the cluster's timestamps are. Empty: nothing is wrong. */
export function diagnose(state: ClusterState, nowMs: number): Finding[] {
  const references = referenceFindings(state);
  const named = references
    .map(({ what }) => /^(?:Secret|ConfigMap) (\S+)/.exec(what)?.[1])
    .filter((name) => name !== undefined);
  // A pod that waits for what is told to be missing says nothing new.
  const pods = podFindings(state, nowMs).filter(({ what }) => !named.some((name) => what.includes(`"${name}"`)));
  return [...workloadFindings(state), ...references, ...pods, ...scalingFindings(state)];
}

/** Pods of one workload with the same trouble are one finding. */
function podFindings(state: ClusterState, nowMs: number): Finding[] {
  const alike = new Map<string, { readonly finding: Finding; readonly workload: string; count: number }>();
  for (const pod of state.pods) {
    const trouble = podTrouble(pod, state, nowMs);
    if (trouble === undefined) continue;
    const workload = workloadOf(pod);
    const key = `${workload}\n${withoutName(trouble.what, pod.metadata.name)}`;
    const before = alike.get(key);
    if (before !== undefined) before.count++;
    else alike.set(key, { finding: { where: `pod ${pod.metadata.name}`, ...trouble }, workload, count: 1 });
  }
  return [...alike.values()].map(({ finding, workload, count }) =>
    count === 1 ? finding : { ...finding, where: `${count} pods of ${workload}` },
  );
}

const withoutName = (text: string, name: string): string => text.replaceAll(name, '');
