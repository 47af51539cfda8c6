// Several routers, each with an engine of its own, that share simulated replicas on a clock that stands still between events.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DispatchEngine, StatisticsBook } from '@weft/dispatch';
import { ManualClock } from '@weft/flow';
import { type SimulatedModel, SimulatedReplica } from '../testing/simulated-replica.ts';

const heavy: SimulatedModel = { startMs: 80, rowMs: 2.5, maxRows: 64, networkMs: 0.4 };
const replicaCount = 4;
const stepMs = 0.25;

/** Requests of one row at even intervals. */
interface Load {
  readonly router: number;
  readonly perSecond: number;
  readonly deadlineMs: number;
  readonly priority?: number;
  /** From when on, and until when. */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

interface Outcome {
  readonly dueMs: number;
  readonly load: Load;
  ok: boolean | undefined;
  ms: number;
}

async function simulate(loads: readonly Load[], { model = heavy, forMs = 4000 } = {}) {
  const clock = new ManualClock();
  const replicas = Array.from({ length: replicaCount }, () => new SimulatedReplica(clock, model));
  const statistics = new StatisticsBook(0, 0);
  const routers = Array.from({ length: 1 + Math.max(...loads.map(({ router }) => router)) }, (_, at) => {
    const ignore = (): void => {};
    const lane = () => ({
      ...{ onDispatched: ignore, onShed: ignore, onSentAgain: ignore, onEjected: ignore, onReadmitted: ignore },
    });
    const counts = statistics.of.bind(statistics);
    const engine = new DispatchEngine({
      ...{ clock, maxQueueSize: 10_000, maxQueueBytes: 1e9, maxBatchBytes: 1e9 },
      observer: { lane, counts, onInventory: ignore, onDetached: ignore },
    });
    for (const [index, replica] of replicas.entries())
      engine.updateReplica(`r${index}`, replica.state(`r${index}`), replica.opener(`router ${at}`));
    return engine;
  });
  const outcomes: Outcome[] = [];
  const submit = (load: Load): void => {
    const { router, deadlineMs, priority = 0 } = load;
    const dueMs = clock.now();
    const outcome: Outcome = { dueMs, load, ok: undefined, ms: 0 };
    outcomes.push(outcome);
    const settle = (answer: object): void => {
      outcome.ok = !('error' in answer);
      outcome.ms = clock.now() - dueMs;
    };
    const call = { model: 'm', version: '', method: '/inference.GRPCInferenceService/ModelInfer', rows: 1 };
    const more = { payload: Buffer.from('x'), traceparent: '', tenant: '', priority, settle };
    try {
      routers[router]?.submit({ ...call, ...more, deadlineMs: dueMs + deadlineMs, timeoutMs: deadlineMs });
    } catch {
      outcome.ok = false;
    }
  };
  const sent = loads.map(() => 0);
  for (; clock.now() < forMs + 1000; clock.advance(stepMs)) {
    for (const [at, load] of loads.entries()) {
      const { fromMs = 0, untilMs = forMs } = load;
      const sinceMs = Math.min(untilMs, clock.now()) - fromMs;
      while ((sent[at] as number) < (sinceMs * load.perSecond) / 1000) {
        sent[at] = (sent[at] as number) + 1;
        submit(load);
      }
    }
    await new Promise(setImmediate);
  }
  return { outcomes, replicas };
}

type Simulated = Awaited<ReturnType<typeof simulate>>;

function inTime({ outcomes }: Simulated): number {
  return outcomes.filter(({ ok, ms, load, dueMs }) => dueMs > 1000 && ok === true && ms <= load.deadlineMs).length;
}

function describeRun(run: Simulated): string {
  const batches = run.replicas.flatMap((replica) => replica.batches);
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0) / batches.length;
  const [bounced, demands] = [0, 0].map((_, at) =>
    run.replicas.reduce((sum, replica) => sum + (at === 0 ? replica.bounced : replica.demands), 0),
  );
  const considered = run.outcomes.filter(({ dueMs }) => dueMs > 1000).length;
  return `${inTime(run)} of ${considered}, ${batches.length} batches of ${rows.toFixed(1)}, ${bounced} bounced, ${demands} demands`;
}

/** Requests per second, as a share of what replicas do that always run the largest batch. */
function loads(share: number, parts: readonly number[]): Load[] {
  const raw = (1000 * replicaCount * heavy.maxRows) / (heavy.startMs + heavy.rowMs * heavy.maxRows);
  return parts.map((part, router) => ({ router, perSecond: share * raw * part, deadlineMs: 300 }));
}

describe('two routers that share four replicas answer as much in time as one would', () => {
  const cases = [
    { share: 0.9, parts: [0.5, 0.5], least: 0.94 },
    { share: 0.9, parts: [0.75, 0.25], least: 0.94 },
    { share: 1.5, parts: [0.5, 0.5], least: 0.93 },
  ];
  for (const { share, parts, least } of cases)
    test(`at ${share} of what the replicas can do, ${parts.join(' and ')} of it each`, async (t) => {
      const one = await simulate(loads(share, [1]), { forMs: 2500 });
      const two = await simulate(loads(share, parts), { forMs: 2500 });
      t.diagnostic(`one: ${describeRun(one)}`);
      t.diagnostic(`two: ${describeRun(two)}`);
      assert.ok(inTime(two) >= least * inTime(one), `${inTime(two)} of ${inTime(one)}`);
    });
});

test('a router that sends alone tells nothing of what waits, and has no batch returned', async () => {
  const { replicas } = await simulate(loads(1.5, [1]), { forMs: 500 });
  assert.deepEqual(
    replicas.map(({ demands, bounced }) => [demands, bounced]),
    replicas.map(() => [0, 0]),
  );
});

test('a router has all replicas to itself as soon as the other sends no more, or one comes that sends nothing', async () => {
  const [own, other] = loads(0.9, [1, 0.5]) as [Load, Load];
  const run = await simulate(
    [
      { ...own, fromMs: 1000 },
      { ...other, untilMs: 1000 },
    ],
    { forMs: 2500 },
  );
  const late = run.outcomes.filter(({ ok, load, dueMs }) => load.router === 0 && dueMs > 1300 && ok !== true);
  assert.equal(late.length, 0, describeRun(run));
});

test('a router whose requests are due later is served behind the other, and not left out', async () => {
  const model = { ...heavy, startMs: 40, rowMs: 0, maxRows: 1 };
  const patient: Load = { router: 0, perSecond: 50, deadlineMs: 60_000 };
  const urgent: Load = { router: 1, perSecond: 150, deadlineMs: 5000 };
  const { replicas } = await simulate([patient, urgent], { model, forMs: 4000 });
  const batches = replicas.flatMap((replica) => replica.batches).filter(({ atMs }) => atMs > 1000 && atMs < 4000);
  const ofPatient = batches.filter(({ router }) => router === 'router 0').length / batches.length;
  assert.ok(ofPatient > 0.03 && ofPatient < 0.1, String(ofPatient));
});
