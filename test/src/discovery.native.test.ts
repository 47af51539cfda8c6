// Replicas found by DNS, or in Kubernetes: real servers whose records change while a router and services run.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { playApiServer, podEndpoint } from '@weft/dispatch/testing';
import { plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import { CredentialFolder } from './testing/certificates.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { type DnsServer, startDnsServer } from './testing/dns-server.ts';
import { inferFloats, inferPath } from './testing/infer-request.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';
import { playReplica } from './testing/played-replica.ts';

const folder = temporaryFolder();
const secrets = temporaryFolder();
const request = inferFloats('plus', [1, 2]);
const nlp = 'nlp.weft.test';
const grpcTcp = `_grpc._tcp.${nlp}`;
/** Of a model whose last replica is gone: a successor may come. */
const missed = "UNAVAILABLE model 'plus' version 1 is not at ready state: its replica is not connected";
let dns: DnsServer;

before(async () => {
  await writeModel(folder.path, 'plus', { graph: plus(1) });
  dns = await startDnsServer();
});
after(async () => {
  await dns.stop();
  folder.remove();
  secrets.remove();
});

async function custom(t: TestContext, ...args: string[]): Promise<StartedService & { readonly port: string }> {
  const started = await startModelService('custom', folder.path, { args });
  t.after(() => started.stop());
  await started.service.ready;
  return { ...started, port: started.address.split(':').at(-1) ?? '' };
}

/** A router over these endpoints that asks the test's DNS once a second. */
async function routed(
  t: TestContext,
  endpoints: readonly string[],
  ...args: string[]
): Promise<{ router: StartedService; client: Dialled }> {
  const own = ['--dns-server', dns.address, '--resolve-interval', '1s', ...args];
  const router = await startRouterOver(endpoints, { args: own });
  const client = dial(router.address);
  t.after(async () => {
    client.close();
    await router.stop();
  });
  return { router, client };
}

async function infer(client: Dialled): Promise<string> {
  return (await client.call(inferPath, request)).result;
}

const eventsOf = (router: StartedService, ...events: string[]) =>
  router.lines.map((line) => String(line['event'])).filter((event) => events.includes(event));

describe('a service whose replicas are', () => {
  test('the addresses of a name grows and shrinks', { skip: process.platform !== 'linux' }, async (t) => {
    const first = await custom(t);
    // All of 127.0.0.0/8 is this machine.
    const second = await custom(t, '--bind', '127.0.0.2', '--port', first.port);
    dns.set(nlp, { a: ['127.0.0.1'] });
    const source = `dns:${nlp}:${first.port}`;
    const { router, client } = await routed(t, [source]);
    assert.equal(await infer(client), 'OK');

    dns.set(nlp, { a: ['127.0.0.1', '127.0.0.2'] });
    const { endpoint } = await router.logged('replica.connected', 2);
    assert.equal(endpoint, second.address);

    dns.set(nlp, { a: ['127.0.0.2'] });
    await router.logged('discovery.changed', 3);
    await first.stop();
    assert.equal((await router.logged('replica.dropped'))['endpoint'], first.address);
    assert.equal(await infer(client), 'OK');
    assert.deepEqual(
      router.lines
        .filter((line) => line['event'] === 'discovery.changed')
        .map(({ source, added, removed }) => ({ source, added, removed })),
      [
        { source, added: [first.address], removed: [] },
        { source, added: [second.address], removed: [] },
        { source, added: [], removed: [first.address] },
      ],
    );
  });

  test('the targets of an SRV name grows and shrinks, each at its own port', async (t) => {
    const [first, second] = await Promise.all([custom(t), custom(t)]);
    dns.set(`a.${nlp}`, { a: ['127.0.0.1'] });
    dns.set(`b.${nlp}`, { a: ['127.0.0.1'] });
    dns.set(grpcTcp, { srv: [[`a.${nlp}`, Number(first.port)]] });
    const { router, client } = await routed(t, [`srv:${grpcTcp}`]);
    assert.equal(await infer(client), 'OK');

    const both = [`a.${nlp}`, `b.${nlp}`].map(
      (host, replica) => [host, Number([first, second][replica]?.port)] as const,
    );
    dns.set(grpcTcp, { srv: both });
    assert.equal((await router.logged('replica.connected', 2))['endpoint'], second.address);

    dns.set(grpcTcp, { srv: both.slice(1) });
    await router.logged('discovery.changed', 3);
    await first.stop();
    assert.equal((await router.logged('replica.dropped'))['endpoint'], first.address);
    assert.equal(await infer(client), 'OK');

    dns.set(grpcTcp, { srv: [] });
    await router.logged('discovery.changed', 4);
    await second.stop();
    await router.logged('replica.dropped', 2);
    assert.equal(await infer(client), missed);
  });
});

test('a replica whose record vanishes answers what it has and what comes, until it is lost', async (t) => {
  const replica = await playReplica({
    replicaId: 'r',
    service: 'nlp',
    models: [{ name: 'plus', version: '1', state: 'MODEL_STATE_READY', maxBatchSize: 4, instances: 1 }],
  });
  dns.set(nlp, { a: ['127.0.0.1'] });
  const { router, client } = await routed(t, [`dns:${nlp}:${replica.address.split(':')[1]}`]);
  await replica.grant();
  const before = infer(client);
  await replica.until(() => replica.batches.length === 1);
  dns.set(nlp, {});
  const { removed } = await router.logged('discovery.changed', 2);
  assert.deepEqual(removed, [replica.address]);
  replica.batches[0]?.answer([Buffer.alloc(0)]);
  assert.equal(await before, 'OK');

  await replica.grant();
  const afterwards = infer(client);
  await replica.until(() => replica.batches.length === 2);
  replica.batches[1]?.answer([Buffer.alloc(0)]);
  assert.equal(await afterwards, 'OK');
  assert.deepEqual(eventsOf(router, 'attach.lost', 'replica.lost', 'replica.dropped'), []);

  await replica.stop();
  await router.logged('replica.dropped');
  assert.equal(await infer(client), missed);
});

test('a replica whose pod terminates is given nothing new, and answers what it has though its slice vanishes', async (t) => {
  const models = [{ name: 'plus', version: '1', state: 'MODEL_STATE_READY', maxBatchSize: 4, instances: 1 }] as const;
  const [first, second] = await Promise.all(
    ['a', 'b'].map((replicaId) => playReplica({ replicaId, service: 'nlp', models: [...models] })),
  );
  const cluster = await playApiServer();
  t.after(() => cluster.stop());
  const [here, there] = [String(first?.address), String(second?.address)];
  const sliceOf = (address: string, conditions = {}) =>
    cluster.set(
      `nlp-${address}`,
      [podEndpoint(address.split(':')[0] ?? '', conditions)],
      Number(address.split(':')[1]),
    );
  sliceOf(here);
  const router = await startRouterOver(['k8s:nlp:grpc'], { args: ['--kubeconfig', cluster.kubeconfig] });
  const client = dial(router.address);
  t.after(async () => {
    client.close();
    await router.stop();
  });
  await first?.grant();
  const before = infer(client);
  await first?.until(() => first.batches.length === 1);
  await first?.grant();

  sliceOf(there);
  assert.equal((await router.logged('replica.connected', 2))['endpoint'], there);
  sliceOf(here, { terminating: true });
  await router.logged('discovery.changed', 3);
  // Though the first one would take it too.
  const afterwards = infer(client);
  await second?.grant();
  await second?.until(() => second.batches.length === 1);
  second?.batches[0]?.answer([Buffer.alloc(0)]);
  assert.equal(await afterwards, 'OK');

  cluster.set(`nlp-${here}`, undefined);
  sliceOf(there, { serving: true });
  first?.batches[0]?.answer([Buffer.alloc(0)]);
  assert.equal(await before, 'OK');
  assert.equal(first?.batches.length, 1);
  assert.deepEqual(eventsOf(router, 'attach.lost', 'replica.lost', 'replica.dropped'), []);
  await first?.stop();
  assert.equal((await router.logged('replica.dropped'))['endpoint'], here);
  await second?.stop();
});

test('one process that is named in three ways is one replica', async (t) => {
  const { address, port } = await custom(t);
  dns.set(nlp, { a: ['127.0.0.1'] });
  dns.set(grpcTcp, { srv: [[nlp, Number(port)]] });
  const { router } = await routed(t, [address, `dns:///${nlp}:${port}`, `srv:///${grpcTcp}`]);
  assert.deepEqual(eventsOf(router, 'discovery.changed', 'replica.connected', 'replica.absent').sort(), [
    'discovery.changed',
    'discovery.changed',
    'replica.connected',
  ]);
});

describe('a DNS server in trouble', () => {
  test('takes no replica away, is told once, and is believed again when it recovers', async (t) => {
    const [first, second] = await Promise.all([custom(t), custom(t)]);
    dns.set(nlp, { a: ['127.0.0.1'] });
    dns.set(grpcTcp, { srv: [[nlp, Number(first.port)]] });
    const { router, client } = await routed(t, [`srv:${grpcTcp}`]);
    dns.set(grpcTcp, 'SERVFAIL');
    await router.logged('discovery.failed');
    await dns.asked(6);
    assert.equal(await infer(client), 'OK');
    dns.set(grpcTcp, { srv: [[nlp, Number(second.port)]] });
    await router.logged('discovery.recovered');
    assert.equal((await router.logged('replica.connected', 2))['endpoint'], second.address);
    assert.deepEqual(eventsOf(router, 'discovery.failed', 'replica.lost'), ['discovery.failed']);
  });

  test('does not keep the router from being ready, and its replicas are found when it answers', async (t) => {
    const { port } = await custom(t);
    dns.set('late.weft.test', 'silence');
    const { router, client } = await routed(t, [`dns:late.weft.test:${port}`, 'dns:missing.weft.test:8011']);
    assert.deepEqual(await client.ask('/inference.GRPCInferenceService/ServerReady', {}), { ready: true });
    assert.deepEqual(
      router.lines.filter((line) => line['event'] === 'discovery.failed').map(({ reason }) => reason),
      ['no such name: missing.weft.test', 'queryA ETIMEOUT late.weft.test'],
    );
    dns.set('late.weft.test', { a: ['127.0.0.1'] });
    await router.logged('replica.connected');
    assert.equal(await infer(client), 'OK');
  });
});

test('a replica that is found by a name must show a certificate for that name', async (t) => {
  const files = new CredentialFolder(secrets.path);
  await files.issue('authority');
  await files.issue('replica', nlp);
  const token = files.writeTokens('tokens', [
    { name: 'router', token: 'token-executor', roles: ['executor', 'infer'] },
  ]);
  const secret = [
    '--tls-cert',
    files.file('replica.crt'),
    '--tls-key',
    files.file('replica.key'),
    '--token-file',
    token,
  ];
  const { port } = await custom(t, ...secret);
  dns.set(nlp, { a: ['127.0.0.1'] });
  dns.set('other.weft.test', { a: ['127.0.0.1'] });
  dns.set(grpcTcp, { srv: [['other.weft.test', Number(port)]] });
  const dialling = [
    '--executor-tls-ca',
    files.file('authority.crt'),
    '--executor-token-file',
    files.write('router-token', 'token-executor'),
  ];
  for (const [endpoint, outcome] of [
    [`dns:${nlp}:${port}`, 'replica.connected'],
    [`srv:${grpcTcp}`, 'replica.connected'],
    [`dns:other.weft.test:${port}`, 'replica.absent'],
    [`127.0.0.1:${port}`, 'replica.absent'],
  ] as const) {
    const { router } = await routed(t, [endpoint], ...dialling);
    assert.deepEqual(eventsOf(router, 'replica.connected', 'replica.absent'), [outcome], endpoint);
  }
});
