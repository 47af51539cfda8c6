// nats-server away for a while, and all processes started again: what serves goes on serving, and what was desired is served.
// `WEFT_LONG_TESTS=1 npm test -- nats-outage` keeps it away for half a minute.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { readSettings } from '@weft/config';
import { encodeModel } from '@weft/convert';
import { editModelEvent, type LoggedEvent, openEventLog } from '@weft/models';
import { withoutNatsServer } from '@weft/models/testing';
import { routerSettings } from '@weft/router';
import { plus } from './testing/author-models.ts';
import { startConstantLoad } from './testing/constant-load.ts';
import { type LifecycleMesh, startLifecycleMesh } from './testing/lifecycle-mesh.ts';

const awayMs = process.env['WEFT_LONG_TESTS'] === '1' ? 30_000 : 3000;
const everyMs = 20;

/** Resolves once so many replicas have each of these versions of `m` READY, and no other one. */
async function serves({ client }: LifecycleMesh, versions: readonly string[], replicas: number): Promise<void> {
  const wanted = versions.map((version) => `${version} on ${replicas}`).join();
  for await (const { models } of client.admin.watchModels()) {
    const status = models.find(({ name }) => name === 'm');
    const ready = (status?.versions ?? []).map(({ version, replicas }) => {
      return { version, count: replicas.filter(({ state }) => state === 'READY').length };
    });
    const serving = ready.filter(({ count }) => count > 0).sort((a, b) => Number(a.version) - Number(b.version));
    if (serving.map(({ version, count }) => `${version} on ${count}`).join() === wanted) return;
  }
}

/** Appends an event to the log of the mesh, not through its router, that adds a version of `m`. */
async function publishElsewhere(t: TestContext, { nats }: LifecycleMesh, version: string): Promise<void> {
  const log = openEventLog(readSettings(routerSettings, { argv: ['--nats', nats.url], env: {} }), { writes: true });
  t.after(() => log.close());
  const last = await new Promise<LoggedEvent>((resolve) => {
    log.follow({ onEvent: resolve, onCaughtUp: () => {}, onProblem: () => {} });
  });
  const bytes = encodeModel(plus(Number(version)));
  const file = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
  async function* content() {
    yield bytes;
  }
  await log.artifacts.put(file, content());
  const about = { author: 'test', atMs: 0, traceparent: '', reason: '' };
  const event = editModelEvent(last.bytes, about, (model, create) => {
    const files = [create('weft.models.v1.ArtifactFile', { path: 'model.onnx', ...file })];
    const added = create('weft.models.v1.DesiredVersion', { version, files });
    model['versions'] = [...(model['versions'] as object[]), added];
  });
  await log.append({ model: 'm', bytes: event, after: last.revision });
}

test('while nats-server is away everything is served, and what is published at its return is applied', {
  skip: withoutNatsServer,
}, async (t) => {
  const mesh = await startLifecycleMesh(t, { replicas: 2 });
  await mesh.push('1', 1);
  const load = startConstantLoad(mesh.client, everyMs);
  await mesh.nats.stop('SIGKILL');
  await mesh.router.logged('event_log.away');
  await assert.rejects(mesh.push('2', 2), { code: 'UNAVAILABLE' });
  // One that starts now has nothing but what it knew, and says so.
  const [first] = mesh.replicas;
  await first?.kill();
  await first?.start();
  const { reason } = (await first?.process().logged('event_log.away')) ?? {};
  assert.match(String(reason), /serving what was last known/);
  await first?.process().logged('model.ready', { model: 'm', version: '1' });
  await load.served(awayMs / everyMs);
  await mesh.nats.start();
  // By a router that nobody here knows of, before any of the mesh is connected again or after.
  await publishElsewhere(t, mesh, '2');
  await serves(mesh, ['2'], 2);
  await load.served(10);
  const { failures, mixed, answered } = await load.stop();
  t.diagnostic(`away for ${awayMs / 1000} s; answered ${[...answered].map((entry) => entry.join(': ')).join(', ')}`);
  assert.deepEqual([failures, mixed], [[], []]);
  assert.deepEqual([...answered.keys()], ['1', '2']);
});

test('after all processes have been killed and started again, nats-server too, the same versions serve', {
  skip: withoutNatsServer,
}, async (t) => {
  const mesh = await startLifecycleMesh(t, { replicas: 2 });
  await mesh.push('1', 1);
  await mesh.push('2', 2);
  await mesh.client.admin.setRollout({ name: 'm', promote: { version: '1' } });
  await serves(mesh, ['1', '2'], 2);
  await mesh.nats.stop('SIGKILL');
  await mesh.nats.start();
  await mesh.restartAll();
  await serves(mesh, ['1', '2'], 2);
  const { modelVersion } = await mesh.client.infer({
    model: 'm',
    inputs: { x: { datatype: 'FP32', shape: [1, 2], elements: [1, 1] } },
  });
  assert.equal(modelVersion, '1');
});
