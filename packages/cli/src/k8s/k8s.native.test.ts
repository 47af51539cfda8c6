// The command against a server that answers lists as an API server does: what it reads, what it says, and its exit codes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runWeft } from '../testing/run-weft.ts';
import { healthy, homeless, pod, workload } from './testing/author-cluster.ts';

type Lists = Record<string, readonly object[] | number>;

/** One answer for each kind, a number for a status: 403 where nothing is said of Secrets and nodes. */
async function playCluster(t: TestContext, lists: Lists) {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    asked.push(url);
    const kind = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    const answer = lists[kind] ?? [];
    if (kind === 'apis') return response.end(JSON.stringify({ groups: [{ name: 'apps' }] }));
    if (typeof answer !== 'number') return response.end(JSON.stringify({ items: answer }));
    if (answer === 0) return response.socket?.on('close', () => {});
    return response.writeHead(answer).end(JSON.stringify({ message: `${kind} is forbidden` }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'weft-test-'));
  t.after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(folder, 'kubeconfig');
  const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  const config = {
    clusters: [{ name: 'played', cluster }],
    users: [{ name: 'me', user: { token: 'secret' } }],
    contexts: [
      { name: 'staging', context: { cluster: 'played', user: 'me', namespace: 'mesh' } },
      { name: 'other', context: { cluster: 'played', user: 'me' } },
    ],
    'current-context': 'staging',
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return { asked, doctor: (...args: readonly string[]) => runWeft(['k8s', '--kubeconfig', kubeconfig, ...args]) };
}

const { workloads, pods, services } = healthy();
const there: Lists = {
  deployments: workloads.filter(({ kind }) => kind === 'Deployment'),
  statefulsets: workloads.filter(({ kind }) => kind === 'StatefulSet'),
  pods,
  services,
  // oxlint-disable-next-line id-denylist -- Kubernetes' own name
  secrets: [{ metadata: { name: 'weft-tls' }, data: { 'tls.crt': 'c2VjcmV0' } }],
};

test('a deployment that fares well is exit code 0, and only reading was asked for, in the namespace of the context', async (t) => {
  const { doctor, asked } = await playCluster(t, there);
  assert.deepEqual(await doctor(), {
    exitCode: 0,
    out: '',
    err: 'weft: nothing is wrong in namespace mesh of staging: 3 pods are ready\n',
  });
  const paths = asked.map(({ pathname, search }) => `${pathname}${decodeURIComponent(search)}`).sort();
  assert.deepEqual(paths, [
    '/api/v1/namespaces/mesh/configmaps',
    '/api/v1/namespaces/mesh/events',
    '/api/v1/namespaces/mesh/persistentvolumeclaims',
    '/api/v1/namespaces/mesh/pods?labelSelector=app.kubernetes.io/part-of=weft',
    '/api/v1/namespaces/mesh/resourcequotas?labelSelector=app.kubernetes.io/part-of=weft',
    '/api/v1/namespaces/mesh/secrets',
    '/api/v1/namespaces/mesh/services',
    '/api/v1/nodes',
    '/apis',
    '/apis/apps/v1/namespaces/mesh/deployments?labelSelector=app.kubernetes.io/part-of=weft',
    '/apis/apps/v1/namespaces/mesh/statefulsets?labelSelector=app.kubernetes.io/part-of=weft',
    '/apis/autoscaling/v2/namespaces/mesh/horizontalpodautoscalers?labelSelector=app.kubernetes.io/part-of=weft',
  ]);
});

test('each finding is one line on stdout, and exit code 1 tells that there are some', async (t) => {
  const volumes = [{ secret: { secretName: 'weft-tls', items: [{ key: 'tls.crt' }, { key: 'tls.key' }] } }];
  const { doctor } = await playCluster(t, {
    ...there,
    deployments: [workload('router', { spec: { volumes } })],
    pods: [...pods, homeless('nlp', '0/1 nodes are available: 1 Insufficient cpu.')],
  });
  assert.deepEqual(await doctor('--context', 'other'), {
    exitCode: 1,
    out: `${[
      'router: Secret weft-tls lacks tls.key. To mend it: node deploy/make-credentials.mjs, then kubectl -n weft apply -f credentials/secrets.yaml.',
      'pod nlp-1: finds no node: 0/1 nodes are available: 1 Insufficient cpu. To mend it: add nodes, or lower what it requests in your overlay.',
    ].join('\n')}\n`,
    err: 'weft: 2 things are wrong in namespace weft of other\n',
  });
});

test('with --json it is one document, which holds no secret', async (t) => {
  const { doctor } = await playCluster(t, {
    ...there,
    nodes: 403,
    pods: [pod('router', { status: { phase: 'Failed', message: 'gone' } })],
  });
  const { exitCode, out } = await doctor('--json', '--namespace', 'here');
  assert.deepEqual(
    [exitCode, JSON.parse(out)],
    [
      1,
      {
        context: 'staging',
        namespace: 'here',
        findings: [
          {
            where: 'pod router-1',
            what: 'has failed: gone',
            toDo: 'another one takes its place; kubectl delete pod removes it from sight',
          },
        ],
        unread: ['nodes'],
      },
    ],
  );
  assert.doesNotMatch(out, /c2VjcmV0/);
});

test('what may not be read is named, and does not count as wrong', async (t) => {
  const { doctor } = await playCluster(t, { ...there, secrets: 403, nodes: 403 });
  const { exitCode, out } = await doctor();
  assert.deepEqual([exitCode, out], [0, 'Not looked at, for want of permission: secrets, nodes.\n']);
});

test('a cluster that cannot be read is exit code 2', async (t) => {
  const forbidden = await playCluster(t, { ...there, pods: 403 });
  assert.deepEqual(await forbidden.doctor(), {
    exitCode: 2,
    out: '',
    err: 'weft: cannot read the cluster: pods is forbidden\n',
  });
  const silent = await playCluster(t, { ...there, pods: 0 });
  assert.deepEqual(await silent.doctor('--timeout', '300ms'), {
    exitCode: 2,
    out: '',
    err: 'weft: cannot read the cluster: no answer within 0.3 s\n',
  });
  const { err, exitCode } = await silent.doctor('--context', 'nobody');
  assert.deepEqual([exitCode, err], [2, 'weft: cannot read the cluster: the kubeconfig has no context "nobody"\n']);
});

test('a router that is named and cannot be reached is a finding', async (t) => {
  const { doctor } = await playCluster(t, there);
  const { exitCode, out } = await doctor('--router', '127.0.0.1:1', '--timeout', '5s');
  assert.equal(exitCode, 1);
  assert.match(
    out,
    /^router at 127\.0\.0\.1:1: cannot reach the router at 127\.0\.0\.1:1[^\n]*To mend it: forward its port[^\n]*\n$/,
  );
});
