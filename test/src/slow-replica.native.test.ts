// One replica of four that is ten times slower than the others: it gets work as it can do it, and the others' clients hardly
// notice, whether it was slow from its start or becomes so.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  answeredOk,
  inOneOfThree,
  latencies,
  outcomes,
  ownLatencyMs,
  quantile,
  watchMachine,
} from './testing/load-figures.ts';
import { type LoadedCall, startLoad } from './testing/open-load.ts';
import { type SleepingMesh, type SleepingReplica, startSleepingMesh } from './testing/sleeping-mesh.ts';
import { capacity, type SleepingModel } from './testing/sleeping-model.ts';

const model: SleepingModel = { startMs: 60, rowMs: 10, maxRows: 8 };
const factor = 10;
/** Three can do it with half of their time. */
const perSecond = 0.5 * capacity(model, 3);

interface Figures {
  readonly p99Ms: number;
  readonly p99WithoutMs: number;
  /** Of all answers, those that the slow one gave. */
  readonly share: number;
}

/** Three as fast as each other, and a slow one; at the end the slow one is gone. */
async function measure(t: TestContext, mesh: SleepingMesh, forMs: number): Promise<Figures> {
  const { client, router } = mesh;
  const machine = watchMachine();
  const slow = mesh.replicas[0] as SleepingReplica;
  slow.slowDown(factor);
  const beside = await startLoad(client, { perSecond, forMs }).answered;
  const { pid } = slow;
  const lost = router.lines.filter((line) => line['event'] === 'replica.lost').length;
  slow.kill('SIGKILL');
  await router.logged('replica.lost', {}, lost + 1);
  const without = await startLoad(client, { perSecond, forMs: 5000 }).answered;
  const share = beside.filter((call) => call.pid === pid).length / beside.length;
  t.diagnostic(`beside it: ${outcomes(beside)}, ${latencies(beside)}; it answered ${(100 * share).toFixed(1)}%`);
  t.diagnostic(`without it: ${outcomes(without)}, ${latencies(without)}; ${machine()}`);
  assert.equal(answeredOk(beside).length, beside.length);
  const p99 = (calls: readonly LoadedCall[]): number => quantile(calls.map(ownLatencyMs), 0.99);
  return { p99Ms: p99(beside), p99WithoutMs: p99(without), share };
}

/** A tenth of what each of three others does, and half as much again for chance. */
const mostShare = 1.5 / (1 + 3 * factor);

function holds({ p99Ms, p99WithoutMs, share }: Figures): boolean {
  return share <= mostShare && p99Ms < 1.5 * p99WithoutMs;
}

for (const { name, before, forMs } of [
  { name: 'slow from its start', before: factor, forMs: 6000 },
  // Until it is known for slow it has some requests: less than a hundredth of these.
  { name: 'slow while it works', before: 1, forMs: 15_000 },
]) {
  test(`a replica that is ${name} gets less in proportion, and p99 of all stays under 1.5 times that without it`, async (t) => {
    const mesh = await startSleepingMesh(t, { model, replicas: 4, factors: [before] });
    const slow = mesh.replicas[0] as SleepingReplica;
    let rounds = 0;
    const figures = await inOneOfThree(async () => {
      slow.slowDown(before);
      if (rounds++ > 0) await slow.restart();
      await startLoad(mesh.client, { perSecond, forMs: 1000 }).answered;
      return measure(t, mesh, forMs);
    }, holds);
    assert.ok(holds(figures), JSON.stringify(figures));
  });
}
