// Connections that become old: no call fails of it, clients come to a router that was not there when they connected, and what
// runs for long is left to run as long as the grace allows.
import assert from 'node:assert/strict';
import { promises as names } from 'node:dns';
import { after, mock, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { connect } from '@weft/client';
import { startDnsServer } from './testing/dns-server.ts';
import { inferPath } from './testing/infer-request.ts';
import { scrape } from './testing/scrape.ts';
import { fileScope, startSleepingMesh } from './testing/sleeping-mesh.ts';
import { sleepRequest } from './testing/sleeping-model.ts';
import { endProcess, startProcess } from './testing/start-process.ts';

const aging = ['--max-connection-age', '1s', '--max-connection-age-grace', '4s'];
const model = { startMs: 20, rowMs: 1, maxRows: 16 };
const mesh = await startSleepingMesh(fileScope, { model, replicas: 1, routerArgs: aging });
const port = mesh.client.address.split(':')[1] ?? '';
const dns = await startDnsServer();
after(() => dns.stop());

/** Another router on the same port of another address, as behind a headless Service. */
async function startSecondRouter(): Promise<string> {
  const listens = ['--bind', '127.0.0.2', '--port', port, '--metrics-port', '0', '--http-port', '0'];
  const [replica] = mesh.replicas;
  const router = startProcess('router', [...listens, '--endpoints', replica?.address ?? '', ...aging]);
  after(() => endProcess(router));
  const { metrics } = await router.logged('router.listening');
  await router.logged('replica.connected');
  return String(metrics);
}

async function served(metrics: string): Promise<number> {
  return (await scrape(metrics)).sum('weft_requests_total', { code: 'OK' });
}

/** Calls one after the other, in several lanes, until it is enough. Resolves to what became of them. */
async function callUntil(call: () => Promise<unknown>, enough: () => boolean): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  const lane = async (): Promise<void> => {
    while (!enough()) {
      const outcome = await call().then(
        () => 'OK',
        (error: unknown) => String(error),
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return outcomes;
}

function only(outcomes: ReadonlyMap<string, number>): string[] {
  return [...outcomes.keys()];
}

test('a client of any kind sees no call fail when its connection is ended under load', async (t) => {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const bytes = (message: Buffer): Buffer => message;
  const call = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const done = (error: Error | null): void => (error === null ? resolve(undefined) : reject(error));
      client.makeUnaryRequest(inferPath, bytes, bytes, sleepRequest(1), { deadline: Date.now() + 60_000 }, done);
    });
  const endMs = performance.now() + 5000;
  const outcomes = await callUntil(call, () => performance.now() > endMs);
  client.close();
  t.diagnostic(JSON.stringify([...outcomes]));
  assert.deepEqual(only(outcomes), ['OK']);
});

test('clients spread to a router that came later, and no call fails of it', async (t) => {
  dns.set('routers.test', { a: ['127.0.0.1'], ttlSeconds: 1 });
  const resolver = new names.Resolver();
  resolver.setServers([dns.address]);
  // grpc-js asks the operating system, which knows nothing of this name server.
  const lookup = async (name: string): Promise<object[]> =>
    (await resolver.resolve4(name)).map((address) => ({ address, family: 4 }));
  mock.method(names, 'lookup', lookup);
  after(() => mock.restoreAll());
  const client = connect({ router: `dns:///routers.test:${port}` });
  after(() => client.close());
  const inputs = { x: { datatype: 'FP32', shape: [1, 1], elements: [1] } } as const;
  const call = (): Promise<unknown> => client.infer({ model: 'sleeping', inputs });
  await call();
  const metrics = await startSecondRouter();
  dns.set('routers.test', { a: ['127.0.0.1', '127.0.0.2'], ttlSeconds: 1 });
  let found = 0;
  const endMs = performance.now() + 20_000;
  const looking = async (): Promise<void> => {
    while (found < 50 && performance.now() < endMs) found = await served(metrics);
  };
  const [outcomes] = await Promise.all([callUntil(call, () => found >= 50 || performance.now() > endMs), looking()]);
  t.diagnostic(`${JSON.stringify([...outcomes])}, ${found} at the second router`);
  assert.deepEqual(only(outcomes), ['OK']);
  assert.ok(found >= 50, `${found} at the second router`);
  // From now on it has half of them.
  const before = await served(metrics);
  const calls = 40;
  for (let at = 0; at < calls; at++) await call();
  const share = ((await served(metrics)) - before) / calls;
  assert.ok(share > 0.3 && share < 0.7, String(share));
});

test('a stream outlives its connection by the grace, and no longer', async () => {
  const stream = mesh.client.watch<object>('/grpc.health.v1.Health/Watch', { service: '' });
  const startMs = performance.now();
  const ended = await new Promise<Error & { code?: number }>((resolve) => {
    stream.on('data', () => {});
    stream.once('error', resolve);
  });
  const tookMs = performance.now() - startMs;
  assert.equal(ended.code, 14, ended.message);
  // The connection may have been up to a second old; its age is meant within a tenth.
  assert.ok(tookMs > 4000, `${tookMs.toFixed(0)} ms`);
});
