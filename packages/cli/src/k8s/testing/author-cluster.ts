// For tests: a small deployment with nothing wrong, and its parts to make worse ones from.
import type {
  Autoscaler,
  ClusterEvent,
  ClusterState,
  Condition,
  ContainerStatus,
  Node,
  Pod,
  PodSpec,
  Workload,
} from '../cluster-objects.ts';

/** When the doctor looks. */
export const now = '2026-01-01T12:00:00Z';
export const minutesAgo = (minutes: number): string => new Date(Date.parse(now) - minutes * 60_000).toISOString();

const container = { name: 'weft', image: 'weft:0.1.0-cpu' };
const labels = (name: string) => ({ 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'weft' });

export function workload(
  name: string,
  more: {
    readonly spec?: Partial<PodSpec> & { replicas?: number };
    readonly ready?: number;
    readonly conditions?: readonly Condition[];
  } = {},
): Workload {
  const { replicas = 1, ...spec } = more.spec ?? {};
  return {
    kind: name === 'nats' ? 'StatefulSet' : 'Deployment',
    metadata: { name, labels: labels(name) },
    spec: { replicas, template: { spec: { containers: [container], ...spec } } },
    status: { replicas, readyReplicas: more.ready ?? replicas, conditions: more.conditions ?? [] },
  };
}

export function pod(
  name: string,
  more: {
    readonly spec?: Partial<PodSpec>;
    readonly status?: Partial<Pod['status']>;
    readonly created?: string;
    readonly deleted?: string;
  } = {},
): Pod {
  const { created = minutesAgo(10), deleted } = more;
  return {
    metadata: {
      name: `${name}-1`,
      labels: labels(name),
      creationTimestamp: created,
      ...(deleted === undefined ? {} : { deletionTimestamp: deleted }),
    },
    spec: { nodeName: 'node-1', containers: [container], ...more.spec },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'weft', ready: true, state: {} }],
      ...more.status,
    },
  };
}

/** Another pod of the same workload. */
export const sibling = (of: Pod, number: number): Pod => ({
  ...of,
  metadata: { ...of.metadata, name: of.metadata.name.replace(/\d+$/, String(number)) },
});

export const waiting = (
  reason: string,
  message?: string,
  lastState?: ContainerStatus['lastState'],
): Partial<Pod['status']> => ({
  phase: 'Pending',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [
    {
      name: 'weft',
      ready: false,
      state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
      ...(lastState === undefined ? {} : { lastState }),
    },
  ],
});

export const unready: Partial<Pod['status']> = {
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [{ name: 'weft', ready: false, state: {} }],
};

/** A pod that has no node. */
export function homeless(name: string, message: string, spec: Partial<PodSpec> = {}): Pod {
  const made = pod(name, {
    spec,
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
      containerStatuses: [],
    },
  });
  const { nodeName: _none, ...rest } = made.spec;
  return { ...made, spec: rest };
}

export function node(
  name: string,
  more: {
    readonly gpus?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly spec?: Node['spec'];
    readonly ready?: string;
    readonly message?: string;
  } = {},
): Node {
  const message = more.message === undefined ? {} : { message: more.message };
  return {
    metadata: { name, labels: more.labels ?? {} },
    spec: more.spec ?? {},
    status: {
      allocatable: { cpu: '8', ...more.gpus },
      conditions: [{ type: 'Ready', status: more.ready ?? 'True', ...message }],
    },
  };
}

export function warning(name: string, reason: string, message: string): ClusterEvent {
  return { involvedObject: { name }, type: 'Warning', reason, message, lastTimestamp: now };
}

export function autoscaler(type: 'Object' | 'Resource', conditions: readonly Condition[] = []): Autoscaler {
  return { metadata: { name: 'nlp' }, spec: { maxReplicas: 8, metrics: [{ type }] }, status: { conditions } };
}

export function healthy(more: Partial<ClusterState> = {}): ClusterState {
  return {
    namespace: 'weft',
    workloads: [workload('router'), workload('nlp'), workload('nats', { spec: { replicas: 3 } })],
    pods: [pod('router'), pod('nlp'), pod('nats')],
    events: [],
    services: ['router', 'nlp', 'nats'].map((name) => ({ metadata: { name } })),
    claims: [{ metadata: { name: 'nats-0' }, spec: {}, status: { phase: 'Bound' } }],
    autoscalers: [],
    quotas: [],
    configMaps: [],
    secrets: [],
    nodes: [node('node-1')],
    everyPod: [],
    groups: ['apps'],
    ...more,
  };
}
