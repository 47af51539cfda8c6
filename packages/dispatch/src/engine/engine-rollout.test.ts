import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredModel } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { modelReady } from '../open-inference/model-calls.ts';
import { desired } from '../testing/desired.ts';
import { FakeReplica } from '../testing/fake-replica.ts';
import { type SubmittedCall, startEngine, turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';

const trial = { stable: '1', canary: '2', canaryShare: 0.1 };

/** A replica with versions 1 and 2, unless it is said what they are. */
async function startTrial(wanted: DesiredModel, versions: Readonly<Record<string, ModelVersion>> = { 1: {}, 2: {} }) {
  const started = startEngine({ maxQueueSize: 10_000, maxQueueBytes: 1_000_000 });
  const replica = new FakeReplica();
  const report = (given: Readonly<Record<string, ModelVersion>>): void => {
    const models = Object.entries(given).map(([number, fields]) => version('m', number, fields));
    started.engine.updateReplica('a', replicaState(models), replica.open);
  };
  const want = (fields: DesiredModel): void => started.engine.desire(new Map([['m', desired(fields)]]));
  report(versions);
  want(wanted);
  await turns();
  return { ...started, replica, report, want };
}

function submitAll(submit: (payload: string) => SubmittedCall, count: number): SubmittedCall[] {
  return Array.from({ length: count }, (_, at) => submit(`${at}`));
}

/** Grants credits and answers until nothing waits; tells how many calls each version got. */
async function serveAll(replica: FakeReplica, waiting: () => number): Promise<Record<string, number>> {
  const calls: Record<string, number> = {};
  let seen = 0;
  while (waiting() > 0) {
    replica.grant('1');
    replica.grant('2', 1);
    await turns();
    for (const batch of replica.batches.slice(seen)) {
      calls[batch.version] = (calls[batch.version] ?? 0) + batch.items.length;
      replica.echo(batch);
    }
    seen = replica.batches.length;
    await turns();
  }
  return calls;
}

test('10 % of 2,000 requests go to the canary, and no batch holds calls of both', async () => {
  const { engine, replica, submit } = await startTrial({ rollout: trial });
  const calls = submitAll(submit, 2000);
  const served = await serveAll(replica, () => engine.waiting);
  assert.ok(Math.abs((served['2'] ?? 0) - 200) <= 3, `${served['2']}`);
  assert.equal((served['1'] ?? 0) + (served['2'] ?? 0), 2000);
  assert.ok(calls.every(({ settled, answer }, at) => settled() === 1 && answer() === `${at}`));
  assert.equal(engine.tallyOf('m', '1')?.answered, served['1']);
});

test('a request that names a version gets that one', async () => {
  const { engine, replica, submit } = await startTrial({ rollout: { ...trial, canaryShare: 0.9 } });
  for (let at = 0; at < 20; at += 1) submit(`${at}`, { version: '1' });
  assert.deepEqual(await serveAll(replica, () => engine.waiting), { 1: 20 });
});

test('who waits for a canary that is withdrawn is drawn again, and who named it is told why', async () => {
  const { engine, replica, submit, want } = await startTrial({ rollout: { ...trial, canaryShare: 0.5 } });
  const calls = submitAll(submit, 20);
  const named = submit('named', { version: '2' });
  want({ rollout: { stable: '1' }, withdrawals: [{ version: '2', reason: 'it fails' }] });
  assert.equal(named.answer(), "UNAVAILABLE model 'm' version 2 is not at ready state: withdrawn: it fails");
  assert.throws(() => submit('late', { version: '2' }), /withdrawn: it fails/);
  assert.deepEqual(await serveAll(replica, () => engine.waiting), { 1: 20 });
  assert.ok(calls.every(({ answer }, at) => answer() === `${at}`));
});

test('a withdrawn version serves on until another one is READY somewhere', async () => {
  const wanted = { withdrawals: [{ version: '2', reason: 'it fails' }] };
  const loading = { state: 'MODEL_STATE_LOADING' } as const;
  const { engine, replica, submit, report } = await startTrial(wanted, { 1: loading, 2: { superseded: true } });
  submitAll(submit, 3);
  assert.deepEqual(await serveAll(replica, () => engine.waiting), { 2: 3 });
  assert.throws(() => submit('x', { version: '2' }), /withdrawn: it fails/, 'not who names it');
  assert.deepEqual([modelReady(engine.inventory, 'm', ''), modelReady(engine.inventory, 'm', '2')], [true, false]);
  report({ 1: {}, 2: { superseded: true } });
  submitAll(submit, 3);
  assert.deepEqual(await serveAll(replica, () => engine.waiting), { 1: 3, 2: 3 });
  assert.throws(() => submit('x', { version: '2' }), /withdrawn: it fails/);
});

test('a withdrawn version is UNAVAILABLE with the reason also when no replica has it any more', async () => {
  const wanted = { withdrawals: [{ version: '2', reason: 'it fails' }] };
  const { submit } = await startTrial(wanted, { 1: {} });
  assert.throws(() => submit('x', { version: '2' }), /version 2 is not at ready state: withdrawn: it fails/);
  assert.throws(() => submit('x', { version: '3' }), /version 3 is not found/);
});

test('an unloaded model is UNAVAILABLE, whether replicas still have it or not', async () => {
  const { submit, report } = await startTrial({ unloaded: true });
  assert.throws(() => submit('x'), /'m' version 2 is not at ready state: unloaded/);
  report({});
  assert.throws(() => submit('x'), /'m' is not at ready state: unloaded/);
});

test('a shadow that is READY alone answers nobody', async () => {
  const loading = { state: 'MODEL_STATE_LOADING' } as const;
  const rollout = { stable: '1', shadow: '2', shadowShare: 1 };
  const { engine, submit } = await startTrial({ rollout }, { 1: loading, 2: {} });
  assert.throws(() => submit('x'), /^WeftError: model 'm' version 1 is not at ready state: LOADING/);
  assert.equal(modelReady(engine.inventory, 'm', ''), false);
  const { submit: alone } = await startTrial({ rollout }, { 2: {} });
  assert.throws(() => alone('x'), /version 2 is not at ready state: READY, with no share of the requests/);
});

test('a canary without a replica never fails a request', async () => {
  const loading = { state: 'MODEL_STATE_LOADING' } as const;
  const { engine, replica, submit } = await startTrial(
    { rollout: { ...trial, canaryShare: 0.5 } },
    { 1: {}, 2: loading },
  );
  submitAll(submit, 20);
  assert.deepEqual(await serveAll(replica, () => engine.waiting), { 1: 20 });
});
