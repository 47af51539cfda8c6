import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryEventLog } from '@weft/models/testing';
import { createLog } from '@weft/telemetry';
import { eventOf } from '../testing/desired.ts';
import { FakeReplica } from '../testing/fake-replica.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';
import { CanaryGuard } from './canary-guard.ts';
import { DesiredModels } from './desired-models.ts';
import { ModelWriter } from './model-writer.ts';
import { rollBackCanary } from './roll-back-canary.ts';

interface Behaviour {
  /** Every so many-th call fails. */
  readonly failsEach?: number;
  readonly takesMs?: number;
}

/** A mesh with version 1 and its canary 2 under a steady load; `second` lets a second pass. */
async function startTrial(behaviours: Readonly<Record<string, Behaviour>>, { canaryShare = 0.1, routers = 1 } = {}) {
  const { clock, engine, submit } = startEngine({ maxQueueSize: 1000, maxQueueBytes: 1_000_000 });
  const eventLog = new MemoryEventLog();
  const lines: Record<string, unknown>[] = [];
  const log = createLog({
    level: 'info',
    fields: {},
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const desired = new DesiredModels({ eventLog, log, onChange: (models) => engine.desire(models) });
  desired.start();
  const writer = new ModelWriter({ eventLog, desired, wallClock: () => 0 });
  const rolledBack: string[] = [];
  const guards = Array.from(
    { length: routers },
    () =>
      new CanaryGuard({
        ...{ engine, clock, log, windowMs: 60_000 },
        limits: { minRequests: 20, errorTolerance: 0.02, latencyFactor: 1.5 },
        rollBack: (model, canary, reason) =>
          rollBackCanary({ inventory: () => engine.inventory, writer, atMs: 5 }, { model, version: canary, reason }),
        onRolledBack: (model, canary) => void rolledBack.push(`${model} ${canary}`),
      }),
  );
  for (const guard of guards) guard.start();
  const replica = new FakeReplica();
  engine.updateReplica('a', replicaState([version('m', '1'), version('m', '2')]), replica.open);
  const rollout = { stable: '1', canary: '2', canaryShare };
  const begin = (): Promise<number> =>
    eventLog.append({ model: 'm', bytes: eventOf({ rollout }), after: desired.revisionOf('m') });
  await begin();
  await turns();
  const counts: Record<string, number> = {};
  let answered = 0;
  const answerAll = async (): Promise<void> => {
    for (const number of Object.keys(behaviours)) replica.grant(number, Number(number));
    await turns();
    for (const batch of replica.batches.slice(answered)) {
      answered += 1;
      const { failsEach = 0, takesMs = 1 } = behaviours[batch.version] ?? {};
      clock.advance(takesMs);
      const count = (counts[batch.version] = (counts[batch.version] ?? 0) + 1);
      const fails = failsEach > 0 && count % failsEach === 0;
      replica.answer(batch.id, { 0: fails ? { code: 13, message: 'it broke', requestId: '' } : 'fine' });
      await turns();
    }
  };
  const second = async (perSecond = 50): Promise<void> => {
    for (let at = 0; at < perSecond; at += 1) {
      submit('x', { rows: 4 });
      await answerAll();
      clock.advance(1000 / perSecond - 1);
    }
    await turns();
  };
  const run = async (seconds: number, perSecond?: number): Promise<number> => {
    for (let at = 1; at <= seconds; at += 1) {
      await second(perSecond);
      if (rolledBack.length > 0) return at;
    }
    return Number.POSITIVE_INFINITY;
  };
  return { run, begin, desired, rolledBack, lines, counts, eventLog };
}

test('a canary that fails 20 % of its calls at 50 requests/s is rolled back within 10 s, with the reason everywhere', async () => {
  const { run, desired, rolledBack, lines } = await startTrial({ 1: {}, 2: { failsEach: 5 } });
  const seconds = await run(10);
  assert.ok(seconds <= 10, `${seconds} s`);
  assert.deepEqual(rolledBack, ['m 2']);
  const event = desired.last('m')?.event;
  const [withdrawal] = event?.model.withdrawals ?? [];
  assert.match(withdrawal?.reason ?? '', /^version 2 failed \d+ % of \d+ calls, version 1 0 % of \d+$/);
  assert.deepEqual([withdrawal?.version, event?.author, event?.model.rollout?.canary], ['2', 'router', '']);
  assert.equal(event?.model.rollout?.stable, '1');
  const line = lines.find((one) => one['event'] === 'canary.rolled_back');
  assert.equal(line?.['reason'], withdrawal?.reason);
});

test('a stable version that fails, and a canary that fails no more than it, are left alone', async () => {
  const { run, rolledBack, counts } = await startTrial(
    { 1: { failsEach: 4 }, 2: { failsEach: 5 } },
    { canaryShare: 0.3 },
  );
  await run(10);
  assert.deepEqual(rolledBack, []);
  assert.ok((counts['2'] ?? 0) > 100);
});

test('a canary that takes twice as long is rolled back once that is confirmed', async () => {
  const { run, desired } = await startTrial({ 1: { takesMs: 20 }, 2: { takesMs: 45 } }, { canaryShare: 0.5 });
  assert.ok((await run(40, 20)) < 40);
  assert.match(desired.models.get('m')?.withdrawals[0]?.reason ?? '', /^version 2 answered 99 % of \d+ calls within/);
});

test('a canary that is tried again before the next look is judged again', async () => {
  const { run, begin, rolledBack, desired } = await startTrial({ 1: {}, 2: { failsEach: 2 } }, { canaryShare: 0.5 });
  await run(10);
  await begin();
  assert.equal(desired.models.get('m')?.rollout?.canary, '2');
  rolledBack.length = 0;
  assert.ok((await run(10)) <= 10);
  assert.deepEqual(rolledBack, ['m 2']);
});

test('of two routers that see the same, one withdraws the canary, and only that one logs and counts it', async () => {
  const trial = await startTrial({ 1: {}, 2: { failsEach: 2 } }, { canaryShare: 0.5, routers: 2 });
  const { run, rolledBack, lines, eventLog } = trial;
  const append = eventLog.append.bind(eventLog);
  // Both have decided before either is heard.
  eventLog.append = (event) => turns().then(() => append(event));
  await run(10);
  await turns();
  await turns();
  assert.deepEqual(rolledBack, ['m 2']);
  assert.equal(lines.filter((line) => line['event'] === 'canary.rolled_back').length, 1);
  assert.ok(!lines.some((line) => line['event'] === 'canary.not_rolled_back'));
});

test('while the log is away the canary stays, and is withdrawn when it is back', async () => {
  const { run, eventLog, rolledBack, lines } = await startTrial({ 1: {}, 2: { failsEach: 2 } }, { canaryShare: 0.5 });
  eventLog.cutOff('the log is on fire');
  await run(4);
  assert.deepEqual(rolledBack, []);
  assert.ok(lines.some((line) => line['event'] === 'canary.not_rolled_back'));
  eventLog.cutOff(undefined);
  await run(2);
  assert.deepEqual(rolledBack, ['m 2']);
});
