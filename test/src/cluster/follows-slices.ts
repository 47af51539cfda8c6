// A router process of its own follows the EndpointSlices that a real control plane makes of pods: it is started with the token of
// the routers' service account, so what that account may do is what is shown to be enough.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogLine } from '../testing/local-mesh.ts';
import { endProcess, startProcess } from '../testing/start-process.ts';
import { namespaceOf } from './cluster-checks.ts';
import type { ClusterClient } from './cluster-client.ts';

export interface FollowOptions {
  /** Where the control plane's kubeconfig lies, and the router keeps what it keeps. */
  readonly folder: string;
  readonly overlay: string;
  readonly progress: (line: string) => void;
}

const service = 'nlp';
const port = 8011;
const steps = [2, 6, 1] as const;
const withinMs = 5_000;

/** Scales real pods up and down: each time the router names the same replicas as the slices within five seconds. */
export async function followsSlices(
  client: ClusterClient,
  { folder, overlay, progress }: FollowOptions,
): Promise<void> {
  const namespace = namespaceOf(overlay);
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/${service}`;
  // It would undo what the check does.
  await client.call('DELETE', `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${service}`);
  const router = startProcess('router', [
    ...[
      '--port=0',
      '--http-port=0',
      '--metrics-port=0',
      '--log-format=json',
      `--data-directory=${join(folder, 'router')}`,
    ],
    `--kubeconfig=${await kubeconfigOf(client, folder, namespace)}`,
    `--endpoints=k8s:${service}:${port}`,
  ]);
  try {
    // Its start is not what is measured: on a busy machine it alone takes seconds.
    await router.logged('service.ready');
    for (const replicas of steps) {
      const scaled = await client.call('PATCH', deployment, {
        type: 'application/merge-patch+json',
        body: JSON.stringify({ spec: { replicas } }),
      });
      assert.equal(scaled.status, 200);
      const begunMs = performance.now();
      const there = await slicesOf(client, namespace, replicas);
      const slicedMs = performance.now();
      await until(() => String(namedBy(router.lines)) === String(there), slicedMs + withinMs);
      const seenMs = performance.now();
      progress(
        `${replicas} pods: in slices ${Math.round(slicedMs - begunMs)} ms after scaling, in the router ${Math.round(seenMs - slicedMs)} ms later`,
      );
      assert.deepEqual(namedBy(router.lines), there);
    }
    assert.deepEqual(
      router.lines.filter(({ event }) => event === 'discovery.failed'),
      [],
    );
  } finally {
    await endProcess(router);
  }
}

/** The control plane's own, with the token of the routers in place of the administrator's. */
async function kubeconfigOf(client: ClusterClient, folder: string, namespace: string): Promise<string> {
  const wanted = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/router/token`;
  const { body } = await client.call('POST', path, { body: JSON.stringify(wanted) });
  const { token } = (body as { status: { token: string } }).status;
  const config = JSON.parse(readFileSync(join(folder, 'kubeconfig'), 'utf8')) as {
    users: { user: object }[];
    contexts: { context: { namespace?: string } }[];
  };
  for (const entry of config.users) entry.user = { token };
  for (const { context } of config.contexts) context.namespace = namespace;
  const file = join(folder, 'router-kubeconfig');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

interface SliceList {
  readonly items: readonly {
    readonly endpoints?: readonly {
      readonly addresses: readonly string[];
      readonly conditions: { readonly terminating?: boolean };
    }[];
  }[];
}

/** Once the slices have as many pods that stay, their endpoints in order. */
async function slicesOf(client: ClusterClient, namespace: string, replicas: number): Promise<string[]> {
  const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`);
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`;
  const staying = ({ items }: SliceList): string[] =>
    items
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions.terminating !== true)
      .map(({ addresses }) => `${addresses[0]}:${port}`)
      .sort();
  return staying(await client.until<SliceList>(path, (list) => staying(list).length === replicas, { everyMs: 50 }));
}

/** What the router names, by what it has told of changes. */
function namedBy(lines: readonly LogLine[]): string[] {
  const named = new Set<string>();
  for (const { event, added, removed } of lines) {
    if (event !== 'discovery.changed') continue;
    for (const endpoint of added as string[]) named.add(endpoint);
    for (const endpoint of removed as string[]) named.delete(endpoint);
  }
  return [...named].sort();
}

async function until(holds: () => boolean, endMs: number): Promise<void> {
  while (!holds() && performance.now() < endMs) await delay(20);
}
