// Replicas that hang: a process that is stopped, a model that never returns. What they have is answered by others within
// seconds, and nothing more is sent to them until they answer again.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inferPath } from './testing/infer-request.ts';
import { answeredOk, latencies, latencyMs, outcomes, ownLatencyMs, watchMachine } from './testing/load-figures.ts';
import { type Load, type LoadedCall, startLoad, wallMs } from './testing/open-load.ts';
import { type SleepingMesh, type SleepingReplica, startSleepingMesh } from './testing/sleeping-mesh.ts';
import { capacity, type SleepingModel, sleepRequest } from './testing/sleeping-model.ts';
import { hang } from './testing/sleeping-values.ts';

const model: SleepingModel = { startMs: 60, rowMs: 10, maxRows: 8 };
/** Two are enough for it. */
const perSecond = 0.3 * capacity(model, 4);
/** A batch counts as overdue after two seconds: more than that is left to every request. */
const deadlineMs = 8000;

interface Hung {
  readonly mesh: SleepingMesh;
  readonly hung: SleepingReplica;
  readonly load: Load;
  /** When the router cut the hung one off. */
  readonly ejectedMs: number;
}

/** Four replicas under load, one of which hangs after a second, in whatever way. */
async function withHung(t: TestContext, forMs: number, hangs: (replica: SleepingReplica) => void): Promise<Hung> {
  const mesh = await startSleepingMesh(t, { model, replicas: 4, factors: [1] });
  await mesh.client.ask(inferPath, sleepRequest(1));
  const load = startLoad(mesh.client, { perSecond, forMs, deadlineMs });
  await load.sent(perSecond);
  const hung = mesh.replicas[0] as SleepingReplica;
  hangs(hung);
  const hungMs = wallMs();
  const { reason } = await mesh.router.logged('replica.ejected', { endpoint: hung.address });
  const ejectedMs = wallMs();
  t.diagnostic(`cut off after ${(ejectedMs - hungMs).toFixed(0)} ms: ${String(reason)}`);
  return { mesh, hung, load, ejectedMs };
}

function tell(t: TestContext, calls: readonly LoadedCall[], machine: () => string): void {
  const most = Math.max(...calls.map(latencyMs));
  t.diagnostic(
    `${calls.length} calls: ${outcomes(calls)}; ${latencies(calls)}, at most ${most.toFixed(0)} ms; ${machine()}`,
  );
}

/** Everybody is answered, and whoever came when it was cut off by the others, as if it were not there. */
function answeredByOthers(calls: readonly LoadedCall[], { hung: { pid }, ejectedMs }: Hung, untilMs: number): void {
  assert.equal(answeredOk(calls).length, calls.length);
  const later = calls.filter(({ dueMs, answeredMs }) => dueMs > ejectedMs && answeredMs < untilMs);
  assert.ok(later.length > perSecond / 2);
  assert.deepEqual(
    later.filter((call) => call.pid === pid || ownLatencyMs(call) > 1000),
    [],
  );
}

test('a stopped process is cut off after two seconds, others answer what it has, and it serves again when it goes on', async (t) => {
  const machine = watchMachine();
  const stopped = await withHung(t, 7000, (replica) => replica.kill('SIGSTOP'));
  const { load, mesh, hung } = stopped;
  await load.sent(Math.round(4.5 * perSecond));
  const continuedMs = wallMs();
  hung.kill('SIGCONT');
  await mesh.router.logged('replica.readmitted', { endpoint: hung.address });
  const calls = await load.answered;
  tell(t, calls, machine);
  answeredByOthers(calls, stopped, continuedMs);
  const again = calls.filter(({ pid, dueMs }) => pid === hung.pid && dueMs > continuedMs);
  t.diagnostic(`answered by it afterwards: ${again.length}`);
  assert.ok(again.length > 0);
});

test('a replica whose model never returns is cut off, and others answer what it has', async (t) => {
  const machine = watchMachine();
  const hanging = await withHung(t, 5500, (replica) => replica.slowDown(Number.POSITIVE_INFINITY));
  const calls = await hanging.load.answered;
  tell(t, calls, machine);
  answeredByOthers(calls, hanging, Number.POSITIVE_INFINITY);
});

test('a request that hangs whoever works on it costs two replicas at most, and nobody else fails', async (t) => {
  const machine = watchMachine();
  const mesh = await startSleepingMesh(t, { model, replicas: 4 });
  await mesh.client.ask(inferPath, sleepRequest(1));
  const load = startLoad(mesh.client, { perSecond, forMs: 7000, deadlineMs });
  await load.sent(perSecond);
  const [culprit, ...mates] = [hang, 1, 2, 3].map((value) =>
    mesh.client.call(inferPath, sleepRequest(value), { deadline: Date.now() + deadlineMs }),
  );
  const calls = await load.answered;
  tell(t, calls, machine);
  assert.equal(answeredOk(calls).length, calls.length);
  assert.deepEqual(
    (await Promise.all(mates)).map(({ result }) => result),
    ['OK', 'OK', 'OK'],
  );
  assert.match((await culprit)?.result ?? '', /^DEADLINE_EXCEEDED/);
  const ejected = mesh.router.lines.filter((line) => line['event'] === 'replica.ejected');
  assert.equal(ejected.length, 2);
});
