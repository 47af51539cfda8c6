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

/** The versions that answer so many requests, one after the other; UNAVAILABLE where none does. */
async function answersOf({ client }: LifecycleMesh, model: string, count: number): Promise<string[]> {
  const answers: string[] = [];
  const inputs = { x: { datatype: 'FP32' as const, shape: [1, 2], elements: [1, 1] } };
  for (let at = 0; at < count; at += 1) {
    const answer = client.infer({ model, inputs });
    answers.push(
      await answer.then(
        ({ modelVersion }) => modelVersion,
        (error: { code: string }) => error.code,
      ),
    );
  }
  return answers;
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

test('a router that starts while nats-server is away keeps a canary to its share, and a shadow to its copies', {
  skip: withoutNatsServer,
}, async (t) => {
  const mesh = await startLifecycleMesh(t, { replicas: 2 });
  await mesh.push('1', 1);
  await mesh.push('2', 2, { canaryShare: 0.05 });
  await mesh.push('1', 1, { name: 'n' });
  await mesh.push('2', 2, { name: 'n', shadowShare: 0.05 });
  await mesh.nats.stop('SIGKILL');
  await mesh.router.logged('event_log.away');
  await mesh.restartRouter();
  const { models } = await mesh.router.logged('models.recalled');
  assert.equal(models, 2);
  const served = await answersOf(mesh, 'm', 100);
  t.diagnostic(`${served.filter((version) => version === '2').length} of 100 requests went to a canary of 5 %`);
  assert.ok(served.filter((version) => version === '2').length <= 10);
  assert.deepEqual(new Set(await answersOf(mesh, 'n', 100)), new Set(['1']));
});

test('after all processes have been killed and started again, nats-server too, the same versions serve from the first answer on', {
  skip: withoutNatsServer,
}, async (t) => {
  const mesh = await startLifecycleMesh(t, { replicas: 2 });
  await mesh.push('1', 1);
  await mesh.push('2', 2, { shadowShare: 0.05 });
  await serves(mesh, ['1', '2'], 2);
  await mesh.nats.stop('SIGKILL');
  await mesh.nats.start();
  await mesh.restartAll();
  // Until version 1 is READY again nothing is answered, though version 2 may be before it.
  const versions = new Set<string>();
  let settled = false;
  const everything = serves(mesh, ['1', '2'], 2).then(() => (settled = true));
  while (!settled) for (const version of await answersOf(mesh, 'm', 10)) versions.add(version);
  await everything;
  for (const version of await answersOf(mesh, 'm', 100)) versions.add(version);
  versions.delete('UNAVAILABLE');
  assert.deepEqual([...versions], ['1']);
});
