// The machines of the cluster, played by kwok: some with GPUs, tainted as clouds taint them, some without; and volumes for
// whoever claims one.
import type { AppliedObject, ClusterClient } from './cluster-client.ts';

export const gpuNodeLabel = 'nvidia.com/gpu.present';

export async function addMachines(client: ClusterClient): Promise<void> {
  for (const zone of ['a', 'b', 'c']) {
    await addNode(client, 'plain', zone);
    await addNode(client, 'gpu', zone);
  }
  await client.apply(storageClass);
  for (let at = 0; at < 30; at++) await client.apply(volume(at));
}

async function addNode(client: ClusterClient, kind: 'plain' | 'gpu', zone: string): Promise<void> {
  const gpu = kind === 'gpu';
  const name = `${kind}-${zone}`;
  const labels = {
    'kubernetes.io/hostname': name,
    'topology.kubernetes.io/zone': zone,
    ...(gpu ? { [gpuNodeLabel]: 'true' } : {}),
  };
  const taints = gpu ? [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }] : [];
  const gpus = {
    'nvidia.com/gpu': '8',
    'nvidia.com/gpu.shared': '8',
    'nvidia.com/mig-1g.10gb': '8',
    'nvidia.com/mig-2g.20gb': '8',
  };
  const size = { cpu: '64', memory: '256Gi', 'ephemeral-storage': '1Ti', pods: '110', ...(gpu ? gpus : {}) };
  const metadata = { name, labels, annotations: { 'kwok.x-k8s.io/node': 'fake' } };
  await client.apply({ apiVersion: 'v1', kind: 'Node', metadata, spec: { taints } } as AppliedObject);
  await client.call('PATCH', `/api/v1/nodes/${name}/status`, {
    type: 'application/merge-patch+json',
    body: JSON.stringify({ status: { allocatable: size, capacity: size } }),
  });
}

const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'made-beforehand', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
};

const volume = (at: number): AppliedObject =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `volume-${at}` },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: storageClass.metadata.name,
      hostPath: { path: `/volumes/${at}` },
    },
  }) as AppliedObject;
