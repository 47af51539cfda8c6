// `weft k8s` on the objects of a real control plane: it names what is missing, says nothing once that is there, and explains why pods
// find no GPU.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClientOutput, runClient } from '../conformance/run-client.ts';
import { parseObjects } from '../deploy/overlays.ts';
import { inNamespace, namespaceOf, settled } from './cluster-checks.ts';
import type { AppliedObject, ClusterClient } from './cluster-client.ts';
import { gpuNodeLabel } from './nodes.ts';

interface Told {
  readonly code: number | undefined;
  readonly findings: readonly { readonly where: string; readonly what: string }[];
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const weft = (...args: readonly string[]): Promise<ClientOutput> =>
  runClient({ command: process.execPath, args: [join(root, 'packages/cli/bin/weft.js'), ...args], timeoutMs: 60_000 });

async function doctor(folder: string, namespace: string): Promise<Told> {
  const { code, stdout, stderr } = await weft(
    ...['k8s', '--json', `--kubeconfig=${join(folder, 'kubeconfig')}`, `--namespace=${namespace}`],
  );
  if (stdout === '') throw new Error(`weft k8s: ${code} ${stderr}`);
  return { code, ...(JSON.parse(stdout) as Pick<Told, 'findings'>) };
}

const told = ({ findings }: Told): string[] => findings.map(({ where, what }) => `${where}: ${what}`);

/** Secrets that are not there are named, with who needs them; with them there, nothing is wrong. */
export async function missesSecrets(client: ClusterClient, folder: string): Promise<void> {
  const namespace = namespaceOf('cpu');
  // Nobody serves metrics of processors here, which is told too.
  const scalers = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
  assert.ok(told(await doctor(folder, namespace)).some((line) => /nothing serves metrics.k8s.io/.test(line)));
  await client.call('DELETE', scalers);
  await client.until<{ items: unknown[] }>(scalers, ({ items }) => items.length === 0);

  await settled(client, namespace);
  const before = await doctor(folder, namespace);
  assert.equal(before.code, 1);
  assert.deepEqual(told(before).sort(), [
    'custom, generator, nlp, router, vision: Secret weft-service-tls is not there',
    'custom, generator, nlp, vision: Secret weft-service-credentials is not there',
    'nats: Secret weft-nats-keys is not there',
    'nats: Secret weft-nats-tls is not there',
    'router: Secret weft-router-credentials is not there',
    'router: Secret weft-router-tls is not there',
  ]);
  const made = join(folder, 'credentials');
  const script = join(root, 'deploy/make-credentials.mjs');
  const { code, stderr } = await runClient({
    command: process.execPath,
    args: [script, '--out', made],
    timeoutMs: 60_000,
  });
  assert.equal(code, 0, stderr);
  const secrets = parseObjects(readFileSync(join(made, 'secrets.yaml'), 'utf8'));
  for (const secret of inNamespace(secrets, namespace)) await client.apply(secret as AppliedObject);
  await settled(client, namespace);
  assert.deepEqual(await doctor(folder, namespace), { ...before, code: 0, findings: [] });
}

/** More replicas than GPUs: the doctor counts them; no GPU node open to anybody: it says so. */
export async function explainsGpus(client: ClusterClient, folder: string): Promise<void> {
  const namespace = namespaceOf('gpu');
  const merge = (path: string, body: object) =>
    client.call('PATCH', path, { type: 'application/merge-patch+json', body: JSON.stringify(body) });
  await client.call('DELETE', `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`);
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/custom`;
  interface Pods {
    readonly items: readonly { readonly status: { readonly conditions?: readonly { readonly reason?: string }[] } }[];
  }
  const selector = encodeURIComponent('app.kubernetes.io/name=custom');
  const waiting = ({ items }: Pods): number =>
    items.filter(({ status }) => status.conditions?.some(({ reason }) => reason === 'Unschedulable') === true).length;
  await merge(deployment, { spec: { replicas: 40 } });
  await client.until<Pods>(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`,
    (pods) => pods.items.length >= 40 && waiting(pods) > 0,
  );
  const short = told(await doctor(folder, namespace)).filter((line) => line.includes('custom'));
  assert.match(
    short.join('\n'),
    /pods? .*custom.*: finds no node: all 24 nvidia.com\/gpu of gpu-a, gpu-b, gpu-c are taken/,
  );

  const nodes = await client.get<{ items: { metadata: { name: string; labels: Record<string, string> } }[] }>(
    '/api/v1/nodes',
  );
  const gpuNodes = nodes.items.filter(({ metadata }) => metadata.labels[gpuNodeLabel] === 'true');
  for (const { metadata } of gpuNodes) await merge(`/api/v1/nodes/${metadata.name}`, { spec: { unschedulable: true } });
  const cordoned = told(await doctor(folder, namespace)).filter((line) => line.includes('custom'));
  for (const { metadata } of gpuNodes)
    await merge(`/api/v1/nodes/${metadata.name}`, { spec: { unschedulable: false } });
  await merge(deployment, { spec: { replicas: 1 } });
  assert.match(
    cordoned.join('\n'),
    /finds no node: every node with nvidia.com\/gpu is cordoned or not ready: gpu-a, gpu-b, gpu-c/,
  );
}
