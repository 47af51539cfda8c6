// What a real control plane makes of the overlays: each is accepted without a warning, its pods find nodes, and rolling updates,
// evictions and scaling do as the manifests say. Each overlay lives in a namespace of its own.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesObject } from '../deploy/kubernetes-object.ts';
import type { AppliedObject, ClusterClient } from './cluster-client.ts';
import type { MetricsApi } from './metrics-api.ts';
import { gpuNodeLabel } from './nodes.ts';

export const namespaceOf = (overlay: string): string => `weft-${overlay}`;

/** The same objects, in that namespace. */
export function inNamespace(objects: readonly KubernetesObject[], namespace: string): AppliedObject[] {
  return objects.map((object) => {
    const { kind, metadata, subjects } = object;
    if (kind === 'Namespace') return { ...object, metadata: { ...metadata, name: namespace } };
    if (metadata.namespace === undefined) return object;
    const moved = { ...object, metadata: { ...metadata, namespace } };
    return subjects === undefined
      ? moved
      : { ...moved, subjects: subjects.map((subject) => ({ ...subject, namespace })) };
  });
}

/** Every object is accepted, and nobody warns. */
export async function acceptsOverlay(client: ClusterClient, objects: readonly AppliedObject[]): Promise<void> {
  const warnings: string[] = [];
  for (const object of objects) {
    for (const warning of await client.apply(object))
      warnings.push(`${object.kind} ${object.metadata.name}: ${warning}`);
  }
  assert.deepEqual(warnings, []);
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
    readonly spec: { readonly nodeName?: string };
    readonly status: { readonly phase: string };
  }[];
}

/** Every pod runs: those of model services on nodes with GPUs where they ask for one, all others on nodes without. */
export async function placesPods(client: ClusterClient, overlay: string, atLeast: number): Promise<void> {
  const pods = await client.until<PodList>(
    `/api/v1/namespaces/${namespaceOf(overlay)}/pods`,
    ({ items }) => items.length >= atLeast && items.every(({ status }) => status.phase === 'Running'),
  );
  const nodes = await client.get<PodList>('/api/v1/nodes');
  const gpuNodes = nodes.items
    .filter(({ metadata }) => metadata.labels[gpuNodeLabel] === 'true')
    .map(({ metadata }) => metadata.name);
  const misplaced = pods.items.filter(({ metadata, spec }) => {
    const wantsGpu = overlay.includes('gpu') && metadata.labels['app.kubernetes.io/component'] === 'service';
    return gpuNodes.includes(String(spec.nodeName)) !== wantsGpu;
  });
  assert.deepEqual(
    misplaced.map(({ metadata, spec }) => `${metadata.name} on ${spec.nodeName}`),
    [],
  );
}

interface Readiness {
  readonly items: readonly {
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** Nodes and pods are ready. */
export async function settled(client: ClusterClient, namespace: string): Promise<void> {
  const ready = ({ items }: Readiness): boolean =>
    items.every(({ status }) => status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True');
  await client.until<Readiness>('/api/v1/nodes', ready);
  await client.until<Readiness>(`/api/v1/namespaces/${namespace}/pods`, ready);
}

/** The pod of a Job finds a node with a GPU. */
export async function placesJob(client: ClusterClient, overlay: string, job: string): Promise<void> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=${job}`);
  const { items } = await client.until<PodList>(
    `/api/v1/namespaces/${namespaceOf(overlay)}/pods?labelSelector=${selector}`,
    (pods) => pods.items.length > 0 && pods.items.every(({ spec }) => spec.nodeName !== undefined),
  );
  const nodes = await client.get<PodList>('/api/v1/nodes');
  const labels = nodes.items.find(({ metadata }) => metadata.name === items[0]?.spec.nodeName)?.metadata.labels;
  assert.equal(labels?.[gpuNodeLabel], 'true', `${items[0]?.spec.nodeName}`);
}

interface Deployment {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/** Routers are replaced one by one, and as many as before answer at every moment that is looked at. */
export async function rollsRouters(client: ClusterClient, overlay: string): Promise<void> {
  await settled(client, namespaceOf(overlay));
  const path = `/apis/apps/v1/namespaces/${namespaceOf(overlay)}/deployments/router`;
  const { spec } = await client.until<Deployment>(
    path,
    ({ spec, status }) => status.availableReplicas === spec.replicas,
  );
  const annotations = { 'weft.dev/rolled': 'once' };
  await client.call('PATCH', path, {
    type: 'application/merge-patch+json',
    body: JSON.stringify({ spec: { template: { metadata: { annotations } } } }),
  });
  const available: number[] = [];
  for (let looks = 0; looks < 600; looks++) {
    const { metadata, status } = await client.get<Deployment>(path);
    available.push(status.availableReplicas ?? 0);
    const seen = status.observedGeneration === metadata.generation;
    if (seen && status.updatedReplicas === spec.replicas && status.replicas === spec.replicas) {
      assert.ok(available.length > 1 && Math.min(...available) >= spec.replicas, `available: ${available.join(' ')}`);
      return;
    }
    await delay(100);
  }
  throw new Error(`the routers were not replaced within a minute; available: ${available.join(' ')}`);
}

/** While one router has nowhere to go, a second one is not let go. */
export async function keepsBudget(client: ClusterClient, overlay: string): Promise<void> {
  const namespace = namespaceOf(overlay);
  // Who is not ready may always be let go.
  await settled(client, namespace);
  const selector = encodeURIComponent('app.kubernetes.io/name=router');
  const pods = await client.get<PodList>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  const [first, second] = pods.items.map(({ metadata }) => metadata.name);
  const nodes = (await client.get<PodList>('/api/v1/nodes')).items.map(({ metadata }) => metadata.name);
  const cordon = async (unschedulable: boolean) => {
    for (const name of nodes)
      await client.call('PATCH', `/api/v1/nodes/${name}`, {
        type: 'application/merge-patch+json',
        body: JSON.stringify({ spec: { unschedulable } }),
      });
  };
  const evict = async (name: string | undefined) => {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    return (await client.call('POST', path, { body: JSON.stringify(eviction) })).status;
  };
  await cordon(true);
  try {
    assert.deepEqual([await evict(first), await evict(second)], [201, 429]);
  } finally {
    await cordon(false);
  }
}

interface Autoscaler {
  readonly status?: {
    readonly currentReplicas?: number;
    readonly desiredReplicas?: number;
    readonly currentMetrics?: readonly {
      readonly type: string;
      readonly object?: { readonly current: { readonly value: string } };
    }[];
  };
}

/** Requests that wait thrice as long as they should make replicas, by the mesh's own metric. */
export async function scalesByQueueTime(client: ClusterClient, overlay: string, metrics: MetricsApi): Promise<void> {
  const path = `/apis/autoscaling/v2/namespaces/${namespaceOf(overlay)}/horizontalpodautoscalers/nlp`;
  const seen = ({ status }: Autoscaler) =>
    status?.currentMetrics?.find(({ type }) => type === 'Object')?.object?.current.value;
  const before = await client.until<Autoscaler>(path, (autoscaler) => seen(autoscaler) === '0');
  metrics.value = 60;
  const fewest = before.status?.currentReplicas ?? 0;
  await client.until<Autoscaler>(path, (autoscaler) => {
    const { desiredReplicas = 0, currentReplicas = 0 } = autoscaler.status ?? {};
    return seen(autoscaler) === '60m' && desiredReplicas > fewest && currentReplicas > fewest;
  });
  metrics.value = 0;
}
