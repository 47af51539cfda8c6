import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desired } from '../testing/desired.ts';
import { FakeReplica } from '../testing/fake-replica.ts';
import { silentObserver, startEngine, turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';

/** Version 1 serves, version 2 is its shadow; a larger queue than the shadows' bound. */
async function startShadow(shadowShare = 1, maxQueueSize = 1000, fields: Parameters<typeof version>[2] = {}) {
  const outcomes: Record<string, number> = {};
  const observer = {
    ...silentObserver,
    onShadow: (_model: string, _version: string, outcome: string) =>
      void (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1),
  };
  const started = startEngine({ observer, maxQueueSize, maxQueueBytes: 100_000 });
  const replica = new FakeReplica();
  started.engine.updateReplica('a', replicaState([version('m', '1'), version('m', '2', fields)]), replica.open);
  const rollout = { stable: '1', shadow: '2', shadowShare };
  started.engine.desire(new Map([['m', desired({ rollout })]]));
  await turns();
  const batchOf = async (number: string) => {
    const before = replica.batches.length;
    replica.grant(number, Number(number));
    await turns();
    return replica.batches[before];
  };
  return { ...started, replica, outcomes, batchOf };
}

test('a request goes to both, the original answers, and the answers are compared', async () => {
  const { submit, replica, batchOf, outcomes } = await startShadow();
  for (const answer of ['right', 'wrong']) {
    const call = submit('x');
    const [original, copy] = [await batchOf('1'), await batchOf('2')];
    assert.deepEqual([original?.version, copy?.version], ['1', '2']);
    replica.answer(copy?.id ?? 0, { 0: answer });
    await turns();
    assert.equal(call.answer(), undefined, 'the copy answers nobody');
    replica.answer(original?.id ?? 0, { 0: 'right' });
    await turns();
    assert.equal(call.answer(), 'right');
  }
  assert.deepEqual(outcomes, { same: 1, different: 1 });
});

test('a copy that fails, or is lost with its replica, is counted, not repeated, and the original knows nothing of it', async () => {
  const { submit, replica, batchOf, outcomes, engine } = await startShadow();
  const call = submit('x');
  const copy = await batchOf('2');
  replica.answer(copy?.id ?? 0, { 0: { code: 14, message: 'gone', requestId: '' } });
  await turns();
  assert.deepEqual([outcomes, call.answer()], [{ failed: 1 }, undefined]);
  const second = submit('y');
  const bounced = await batchOf('2');
  assert.ok(bounced);
  replica.bounce(bounced);
  await turns();
  assert.deepEqual([outcomes, engine.waiting, second.answer()], [{ failed: 2 }, 2, undefined]);
});

test('a share of the requests is copied, those that name a version never', async () => {
  const { submit, outcomes, engine } = await startShadow(0.1);
  for (let at = 0; at < 200; at += 1) submit('x', { version: '1' });
  assert.equal(engine.waiting, 200);
  for (let at = 0; at < 200; at += 1) submit('x');
  assert.ok(Math.abs(engine.waiting - 420) <= 2, `${engine.waiting}`);
  assert.deepEqual(outcomes, {});
});

test('only so many copies are on their way, however long the shadow takes', async () => {
  const { submit, outcomes, engine, clock } = await startShadow();
  for (let at = 0; at < 100; at += 1) submit('x');
  assert.deepEqual([engine.waiting, outcomes], [164, { skipped: 36 }]);
  clock.advance(31_000);
  await turns();
  assert.deepEqual([engine.waiting, outcomes], [100, { skipped: 36, failed: 64 }]);
});

test('a copy comes after whatever names its version, however many classes that has', async () => {
  const levels = { name: 'm', maxBatchSize: 1, dynamicBatching: { priorityLevels: 5, defaultPriorityLevel: 4 } };
  for (const config of [{ name: 'm', maxBatchSize: 1 }, levels]) {
    const { submit, replica, batchOf } = await startShadow(1, 1000, { config, maxBatchSize: 1 });
    submit('copy');
    // Due later than the copy.
    submit('asked', { version: '2', deadlineMs: 60_000 });
    const batches = [await batchOf('2'), await batchOf('2')];
    assert.deepEqual(
      batches.flatMap((batch) => batch?.items.map(({ payload }) => payload.toString())),
      ['asked', 'copy'],
    );
    replica.answer(batches[1]?.id ?? 0, { 0: 'x' });
  }
});

test('an original that is refused has no copy', async () => {
  const { submit, engine } = await startShadow(1, 1);
  submit('x');
  assert.equal(engine.waiting, 2);
  assert.throws(() => submit('y'), /Exceeds maximum queue size/);
  assert.equal(engine.waiting, 2);
});

test('a copy outlives an original that its client gave up, and counts for nothing', async () => {
  const { submit, replica, batchOf, outcomes } = await startShadow();
  const call = submit('x');
  const copy = await batchOf('2');
  call.pending.cancel();
  replica.answer(copy?.id ?? 0, { 0: 'late' });
  await turns();
  assert.deepEqual([outcomes, call.settled()], [{}, 0]);
});
