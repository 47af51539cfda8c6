// Why a pod that waits for a node finds none: the scheduler's own words, and for GPUs what it leaves out: whether there are any, who
// may not get to them, and who holds them.
import type { ClusterState, Labels, Node, Pod, Toleration } from './cluster-objects.ts';
import { oneSentence, type Trouble } from './finding.ts';

const gpuPrefix = 'nvidia.com/';
const gpuLabel = 'nvidia.com/gpu.present';

/** Undefined where the pod has a node, or the scheduler has not looked yet. */
export function placementTrouble(pod: Pod, state: ClusterState): Trouble | undefined {
  const scheduled = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (pod.spec.nodeName !== undefined || scheduled?.status !== 'False') return undefined;
  const message = oneSentence(scheduled.message);
  const gpu = gpuTrouble(pod, state);
  if (gpu !== undefined) return { ...gpu, what: `finds no node: ${gpu.what}` };
  return { what: `finds no node: ${message}`, toDo: adviceFor(message) };
}

const advice: readonly (readonly [RegExp, string])[] = [
  [/persistentvolumeclaim/i, 'see the claim: its volume has to come first'],
  [/insufficient (cpu|memory|ephemeral-storage)/i, 'add nodes, or lower what it requests in your overlay'],
  [/untolerated taint/i, 'take the taint from a node, or tolerate it in your overlay'],
  [/affinity|selector/i, 'label a node as its nodeSelector and affinity ask, or change these in your overlay'],
  [/topology spread|anti-affinity/i, 'add nodes: its replicas have to stand apart'],
];

function adviceFor(message: string): string {
  return advice.find(([pattern]) => pattern.test(message))?.[1] ?? 'see kubectl describe pod';
}

function gpuTrouble(pod: Pod, { nodes, everyPod }: ClusterState): Trouble | undefined {
  const limits = pod.spec.containers.map(({ resources }) => resources?.limits ?? {});
  const resource = limits.flatMap((each) => Object.keys(each)).find((name) => name.startsWith(gpuPrefix));
  if (resource === undefined || nodes === undefined) return undefined;
  const offering = nodes.filter((node) => offers(node, resource) > 0);
  if (offering.length === 0) return noneOffer(nodes, resource);
  const selected = offering.filter(({ metadata }) => carries(metadata.labels, pod.spec.nodeSelector));
  if (selected.length === 0) {
    const wanted = Object.entries(pod.spec.nodeSelector ?? {}).map((pair) => pair.join('='));
    return {
      what: `no node with ${resource} carries the label ${wanted.join(', ')}`,
      toDo: 'run GPU feature discovery, which sets such labels, or change the nodeSelector in your overlay',
    };
  }
  // A cordon is a taint too, and says more.
  const awake = selected.filter((node) => node.spec.unschedulable !== true && isReady(node));
  if (awake.length === 0)
    return {
      what: `every node with ${resource} is cordoned or not ready: ${namesOf(selected)}`,
      toDo: 'mend these nodes, or kubectl uncordon them',
    };
  const usable = awake.filter((node) => refusingTaint(node, pod) === undefined);
  if (usable.length === 0) {
    const taints = new Set(awake.map((node) => refusingTaint(node, pod)));
    return {
      what: `every node with ${resource} has a taint that it does not tolerate: ${[...taints].join(', ')}`,
      toDo: 'tolerate it in your overlay, or taint GPU nodes nvidia.com/gpu, which model services tolerate',
    };
  }
  if (everyPod === undefined) return undefined;
  const wanted = Math.max(...limits.map((each) => Number(each[resource] ?? 0)));
  if (usable.some((node) => offers(node, resource) - held(node, resource, everyPod) >= wanted)) return undefined;
  const all = usable.reduce((sum, node) => sum + offers(node, resource), 0);
  return {
    what: `all ${all} ${resource} of ${namesOf(usable)} are taken`,
    toDo: 'add GPU nodes, lower the replicas (or the most of its HorizontalPodAutoscaler), or let replicas share GPUs: overlays gpu-time-slicing and gpu-mig',
  };
}

function noneOffer(nodes: readonly Node[], resource: string): Trouble {
  const others = new Set(
    nodes.flatMap(({ status }) => Object.keys(status.allocatable ?? {}).filter((name) => name.startsWith(gpuPrefix))),
  );
  if (others.size > 0)
    return {
      what: `no node offers ${resource}; there is ${[...others].sort().join(', ')}`,
      toDo: 'apply the overlay for what there is, or configure the device plugin for this one (docs/deploy.md)',
    };
  const labelled = nodes.filter(({ metadata }) => metadata.labels?.[gpuLabel] === 'true');
  if (labelled.length > 0)
    return {
      what: `no node offers ${resource}, though ${namesOf(labelled)} ${labelled.length === 1 ? 'has' : 'have'} a GPU by the label`,
      toDo: "see whether NVIDIA's device plugin runs there, and what it logs",
    };
  return {
    what: `no node of the cluster has a GPU (${resource})`,
    toDo: "add a node with an NVIDIA GPU and NVIDIA's device plugin, or apply an overlay without GPUs (cpu, production)",
  };
}

const offers = (node: Node, resource: string): number => Number(node.status.allocatable?.[resource] ?? 0);
const namesOf = (nodes: readonly Node[]): string => nodes.map(({ metadata }) => metadata.name).join(', ');

export function isReady({ status }: Node): boolean {
  return status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'False';
}

function carries(labels: Labels = {}, wanted: Labels = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** What keeps the pod away, as kubectl writes taints. */
function refusingTaint({ spec }: Node, pod: Pod): string | undefined {
  const refusing = spec.taints?.find(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' && !(pod.spec.tolerations ?? []).some((each) => tolerates(each, taint)),
  );
  if (refusing === undefined) return undefined;
  const { key, value, effect } = refusing;
  return `${key}${value === undefined ? '' : `=${value}`}:${effect}`;
}

function tolerates(
  { key, operator = 'Equal', value = '', effect }: Toleration,
  taint: { readonly key: string; readonly value?: string; readonly effect: string },
): boolean {
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key === undefined) return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
}

function held({ metadata }: Node, resource: string, pods: readonly Pod[]): number {
  return pods
    .filter(({ spec, status }) => spec.nodeName === metadata.name && !/Succeeded|Failed/.test(status.phase ?? ''))
    .flatMap(({ spec }) => spec.containers)
    .reduce((sum, { resources }) => sum + Number(resources?.limits?.[resource] ?? 0), 0);
}
