// Reads a cluster as the doctor looks at it: list calls and nothing else. Of Secrets only the names of their keys are kept. What
// whoever asks may not read, and can be done without, is left out and named.
import { text } from 'node:stream/consumers';
import { type Cluster, clusterRefusal } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import type {
  Autoscaler,
  Claim,
  ClusterEvent,
  ClusterState,
  Keyed,
  Labels,
  Metadata,
  Named,
  Node,
  Pod,
  Workload,
} from './cluster-objects.ts';

export interface Reading {
  readonly state: ClusterState;
  /** What was not allowed to be read, such as `secrets`. */
  readonly unread: readonly string[];
}

interface WithKeys {
  readonly metadata: Metadata;
  // oxlint-disable-next-line id-denylist -- Kubernetes' own name
  readonly data?: Labels;
  readonly binaryData?: Labels;
}

const ofWeft = 'labelSelector=app.kubernetes.io%2Fpart-of%3Dweft';

/** Throws PERMISSION_DENIED or UNAVAILABLE where what is needed cannot be read. */
export async function readCluster(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<Reading> {
  const unread: string[] = [];
  const list = async <Item>(path: string): Promise<Item[]> => {
    const { items } = await readJson<{ readonly items: Item[] }>(cluster, path, signal);
    return items;
  };
  const ifAllowed = async <Item>(path: string): Promise<Item[] | undefined> => {
    try {
      return await list<Item>(path);
    } catch (thrown) {
      if (!(thrown instanceof WeftError) || thrown.code !== 'PERMISSION_DENIED') throw thrown;
      unread.push(path.slice(path.lastIndexOf('/') + 1));
      return undefined;
    }
  };
  const within = (group: string): string => `/${group}/namespaces/${encodeURIComponent(namespace)}`;
  const core = within('api/v1');
  const apps = within('apis/apps/v1');
  const workloadsOf = async (kind: Workload['kind']): Promise<Workload[]> => {
    const found = await list<Omit<Workload, 'kind'>>(`${apps}/${kind.toLowerCase()}s?${ofWeft}`);
    return found.map((workload) => ({ ...workload, kind }));
  };
  const [
    deployments,
    statefulSets,
    pods,
    events,
    services,
    claims,
    autoscalers,
    quotas,
    configMaps,
    secrets,
    nodes,
    groups,
  ] = await Promise.all([
    workloadsOf('Deployment'),
    workloadsOf('StatefulSet'),
    list<Pod>(`${core}/pods?${ofWeft}`),
    list<ClusterEvent>(`${core}/events`),
    list<Named>(`${core}/services`),
    list<Claim>(`${core}/persistentvolumeclaims`),
    list<Autoscaler>(`${within('apis/autoscaling/v2')}/horizontalpodautoscalers?${ofWeft}`),
    list<Named>(`${core}/resourcequotas?${ofWeft}`),
    list<WithKeys>(`${core}/configmaps`),
    ifAllowed<WithKeys>(`${core}/secrets`),
    ifAllowed<Node>('/api/v1/nodes'),
    readJson<{ readonly groups: readonly { readonly name: string }[] }>(cluster, '/apis', signal),
  ]);
  // All pods are many: they are read where somebody may be short of a GPU.
  const short = pods.some(({ spec, status }) => spec.nodeName === undefined && status.phase === 'Pending');
  const everyPod = short ? await ifAllowed<Pod>('/api/v1/pods') : undefined;
  const state = {
    ...{ namespace, workloads: [...deployments, ...statefulSets], pods, events, services, claims, autoscalers, quotas },
    configMaps: configMaps.map((found) => ({ ...keyed(found), settings: found.data ?? {} })),
    secrets: secrets?.map(keyed),
    nodes,
    everyPod,
    groups: groups.groups.map(({ name }) => name),
  };
  return { state, unread };
}

function keyed({ metadata, data: values = {}, binaryData = {} }: WithKeys): Keyed {
  return { metadata, keys: [...Object.keys(values), ...Object.keys(binaryData)] };
}

async function readJson<Body>(cluster: Cluster, path: string, signal: AbortSignal): Promise<Body> {
  const answer = await cluster.get(path, signal);
  if (answer.statusCode !== 200) throw await clusterRefusal(answer);
  return JSON.parse(await text(answer)) as Body;
}
