// The mesh with the credentials, the settings and the NATS configuration of deploy/, as processes of their own on a public
// address: what Kubernetes adds is only who starts them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { credentials } from '@grpc/grpc-js';
import { type NatsServer, startNatsServer, withoutNatsServer } from '@weft/models/testing';
import { plus, temporaryFolder, writeModel } from '../testing/author-models.ts';
import { dial, type Dialled } from '../testing/dial.ts';
import { type DnsServer, startDnsServer } from '../testing/dns-server.ts';
import { endProcess, type StartedProcess, startProcess } from '../testing/start-process.ts';
import { workloads } from './kubernetes-object.ts';
import { natsConfig } from './nats-config.ts';
import { parseObjects, readManifest } from './overlays.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = temporaryFolder();
const made = join(folder.path, 'credentials');
const read = (name: string): string => readFileSync(join(made, name), 'utf8').trim();

/** What the ConfigMap gives every process, its files found where they were made, its ports free. */
function environment(holder: 'router' | 'service', more: Readonly<Record<string, string>>): Record<string, string> {
  const lines = readManifest('base/weft.env')
    .split('\n')
    .filter((line) => /^\w+=/.test(line));
  const shared = Object.fromEntries(lines.map((line) => line.replaceAll('/etc/weft', join(made, holder)).split('=')));
  const ports = { WEFT_PORT: '0', WEFT_HTTP_PORT: '0', WEFT_METRICS_PORT: '0', WEFT_HEALTH_PORT: '0' };
  return { ...shared, ...ports, WEFT_NATS_REPLICAS: '1', ...more };
}

const portIn = (line: Readonly<Record<string, unknown>>): string => String(line['address']).split(':').at(-1) ?? '';
const health = '/grpc.health.v1.Health/Check';
const openInference = (method: string): string => `/inference.GRPCInferenceService/${method}`;

describe('a deployed mesh', { skip: withoutNatsServer }, () => {
  let nats: NatsServer;
  let dns: DnsServer;
  let custom: StartedProcess;
  let router: StartedProcess;
  let address: string;
  const clients: Dialled[] = [];

  before(async () => {
    await run(process.execPath, [join(root, 'deploy/make-credentials.mjs'), '--out', made]);
    await writeModel(folder.path, 'plus', { graph: plus(1) });
    nats = await startNatsServer({ config: natsConfig({ credentials: made, folder: folder.path }) });
    dns = await startDnsServer();
    dns.set('custom', { a: ['127.0.0.1'], ttlSeconds: 1 });
    const shared = { WEFT_NATS: `tls://localhost:${nats.port}` };
    custom = startProcess('custom', ['--model-repository', folder.path, '--no-default-models'], {
      env: environment('service', { ...shared, WEFT_DATA_DIRECTORY: join(folder.path, 'custom') }),
    });
    const port = portIn(await custom.logged('service.listening'));
    router = startProcess('router', [], {
      env: environment('router', {
        ...shared,
        WEFT_DATA_DIRECTORY: join(folder.path, 'router'),
        WEFT_ENDPOINTS: `dns:custom:${port}`,
        WEFT_DNS_SERVER: dns.address,
      }),
    });
    await router.logged('replica.connected');
    address = `127.0.0.1:${portIn(await router.logged('router.listening'))}`;
  });

  after(async () => {
    for (const client of clients) client.close();
    await Promise.all([custom, router].map(endProcess));
    await dns.stop();
    await nats.close();
    folder.remove();
  });

  const dialled = (client: Dialled): Dialled => {
    clients.push(client);
    return client;
  };
  const as = (token?: string): Dialled =>
    dialled(
      dial(address, {
        credentials: credentials.createSsl(readFileSync(join(made, 'ca.crt'))),
        ...(token === undefined ? {} : { token: read(token) }),
      }),
    );

  test('routers and services find and trust each other, and clients get in by their tokens', async () => {
    await custom.logged('service.ready');
    const ready = await as('client.token').ask(openInference('ModelReady'), { name: 'plus' });
    assert.deepEqual(ready, { ready: true });
    const refused = await as().call(openInference('ModelReady'), { name: 'plus' });
    assert.match(refused.result, /^UNAUTHENTICATED/);
    const unload = await as('client.token').call(openInference('RepositoryModelUnload'), { modelName: 'plus' });
    assert.match(unload.result, /^PERMISSION_DENIED/);
  });

  test('what an admin changes goes through NATS to the service', async () => {
    const admin = as('admin.token');
    await admin.ask(openInference('RepositoryModelUnload'), { modelName: 'plus' });
    const ready = await admin.ask(openInference('ModelReady'), { name: 'plus' });
    assert.deepEqual(ready, { ready: false });
    await admin.ask(openInference('RepositoryModelLoad'), { modelName: 'plus' });
    assert.deepEqual(await admin.ask(openInference('ModelReady'), { name: 'plus' }), { ready: true });
  });

  test('the Job makes a model and publishes it, and every replica serves it', async () => {
    const work = join(folder.path, 'work');
    mkdirSync(work);
    const here = (text: string): string =>
      text
        .replaceAll('/output', work)
        .replace('router:8001', address.replace('127.0.0.1', 'localhost'))
        .replace('/etc/weft/mesh-ca.crt', join(made, 'router/mesh-ca.crt'));
    const [job] = workloads(parseObjects(readManifest('jobs/publish-model/job.yaml')));
    const { command: [shell = '', ...script] = [] } = job?.pod.initContainers?.[0] ?? {};
    await run(shell, script.map(here), { cwd: root });
    const secrets = parseObjects(readFileSync(join(made, 'secrets.yaml'), 'utf8'));
    const { secretKeyRef } = job?.pod.containers[0]?.env?.[0]?.valueFrom ?? {};
    const secret = secrets.find(({ metadata }) => metadata.name === secretKeyRef?.name)?.stringData ?? {};
    const env = { ...process.env, WEFT_TOKEN: secret[secretKeyRef?.key ?? ''] };
    const args = (job?.pod.containers[0]?.args ?? []).map(here);
    const { stdout } = await run(process.execPath, args, { cwd: root, env });
    assert.match(stdout, /^published 1: published \(revision \d+\)\n1 file, /);
    const ready = await as('client.token').ask(openInference('ModelReady'), { name: 'published', version: '1' });
    assert.deepEqual(ready, { ready: true });
  });

  test('probes are answered without TLS, and the container’s own check agrees', async () => {
    for (const started of [custom, router]) {
      const port = portIn(await started.logged('probes.listening'));
      const probe = dialled(dial(`127.0.0.1:${port}`));
      for (const service of ['liveness', ''])
        assert.deepEqual(await probe.ask(health, { service }), { status: 'SERVING' });
      const script = join(root, 'deploy/docker/health-check.mjs');
      await run(process.execPath, [script], { env: { WEFT_HEALTH_PORT: port } });
    }
  });

  test('the check of a process that has ended fails', async () => {
    const port = portIn(await router.logged('probes.listening'));
    router.kill('SIGTERM');
    assert.equal(await router.ended, 0);
    const script = join(root, 'deploy/docker/health-check.mjs');
    await assert.rejects(run(process.execPath, [script], { env: { WEFT_HEALTH_PORT: port } }), { code: 1 });
  });
});
