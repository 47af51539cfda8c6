// Who gets how much when not all can be served: tenants by their weights, a light one hardly notices a flood, and higher
// priorities go first without starving lower ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inferPath } from './testing/infer-request.ts';
import {
  answeredOk,
  inOneOfThree,
  latencies,
  latencyMs,
  outcomes,
  ownLatencyMs,
  quantile,
  watchMachine,
} from './testing/load-figures.ts';
import { type LoadedCall, type LoadOptions, startLoad } from './testing/open-load.ts';
import { fileScope, startSleepingMesh } from './testing/sleeping-mesh.ts';
import { capacity, modelParameter, type SleepingModel, sleepRequest } from './testing/sleeping-model.ts';

// A full batch takes little longer than a single row, and one of eight instances is free every few milliseconds: what a
// light tenant waits is what the queue makes it wait.
const model: SleepingModel = {
  startMs: 400,
  rowMs: 10,
  maxRows: 8,
  instances: 4,
  config: modelParameter('tenant_weights', 'heavy=3, usual=1'),
};
const mesh = await startSleepingMesh(fileScope, { model, replicas: 2, routerArgs: ['--max-queue-size', '256'] });
const peak = capacity(model, 8);
await mesh.client.ask(inferPath, sleepRequest(1));

function load(options: LoadOptions): Promise<readonly LoadedCall[]> {
  return startLoad(mesh.client, options).answered;
}

function tenant(name: string): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'weft-tenant': name } };
}

/** Of those that were answered while the load lasted: what is left over when it ends is served to whoever is left. */
function answeredDuring(calls: readonly LoadedCall[], forMs: number): number {
  const startMs = calls[0]?.dueMs ?? 0;
  // When it begins nobody waits, and there is nothing to share.
  return answeredOk(calls).filter(({ answeredMs }) => answeredMs > startMs + 2000 && answeredMs < startMs + forMs)
    .length;
}

test('two tenants that both want all get their shares by weight', async (t) => {
  const flood = { perSecond: 1.2 * peak, forMs: 6000, deadlineMs: 4000 };
  const isThree = (ratio: number): boolean => Math.abs(ratio / 3 - 1) < 0.1;
  const measured = await inOneOfThree(async () => {
    const machine = watchMachine();
    const [heavy, usual] = await Promise.all([
      load({ ...flood, ...tenant('heavy'), seed: 1 }),
      load({ ...flood, ...tenant('usual'), seed: 2 }),
    ]);
    const ratio = answeredDuring(heavy, flood.forMs) / answeredDuring(usual, flood.forMs);
    t.diagnostic(`weights 3:1, rows ${ratio.toFixed(2)}:1; ${outcomes(heavy)}; ${outcomes(usual)}; ${machine()}`);
    return ratio;
  }, isThree);
  assert.ok(isThree(measured), String(measured));
});

const light = { perSecond: 25, forMs: 6000, deadlineMs: 5000, ...tenant('light'), seed: 3 };

function p99(calls: readonly LoadedCall[]): number {
  return quantile(calls.map(ownLatencyMs), 0.99);
}

for (const { kind, deadline } of [
  { kind: 'with deadlines', deadline: { deadlineMs: 3000 } },
  { kind: 'without deadlines', deadline: {} },
]) {
  test(`a light tenant hardly notices another one's flood ${kind}`, async (t) => {
    const holds = ({ alone, beside }: Record<'alone' | 'beside', readonly LoadedCall[]>): boolean =>
      answeredOk(beside).length === beside.length && p99(beside) < 2 * p99(alone);
    const figures = await inOneOfThree(async () => {
      const machine = watchMachine();
      const alone = await load(light);
      const flood = { perSecond: 2 * peak, forMs: light.forMs, ...tenant('flood'), ...deadline, seed: 4 };
      const [beside, flooding] = await Promise.all([load(light), load(flood)]);
      t.diagnostic(`alone: ${outcomes(alone)}, ${latencies(alone)}; beside: ${outcomes(beside)}, ${latencies(beside)}`);
      t.diagnostic(`the flood: ${outcomes(flooding)}, ${latencies(flooding)}; ${machine()}`);
      return { alone, beside };
    }, holds);
    assert.ok(holds(figures));
  });
}

const byMetadata = (priority: number) => ({ headers: { 'weft-priority': String(priority) } });
const byParameter = (priority: number) => ({ fields: { parameters: { priority: { uint64Param: priority } } } });

for (const { by, of } of [
  { by: 'metadata', of: byMetadata },
  { by: 'the parameter of the request', of: byParameter },
]) {
  test(`a high priority, by ${by}, overtakes a flood of a low one`, async (t) => {
    const options = { forMs: 4000, deadlineMs: 6000 };
    const [highs, lows] = await Promise.all([
      load({ perSecond: 0.2 * peak, ...options, ...of(1), seed: 5 }),
      load({ perSecond: 2 * peak, ...options, ...of(3), seed: 6 }),
    ]);
    t.diagnostic(`high: ${outcomes(highs)}, ${latencies(highs)}; low: ${outcomes(lows)}, ${latencies(lows)}`);
    assert.equal(answeredOk(highs).length, highs.length);
    assert.ok(p99(highs) < quantile(answeredOk(lows).map(latencyMs), 0.5));
  });
}

test('a low priority keeps a twentieth while a high one floods', async (t) => {
  const options = { forMs: 6000, deadlineMs: 3000 };
  const [highs, lows] = await Promise.all([
    load({ perSecond: 1.5 * peak, ...options, ...byMetadata(1), seed: 7 }),
    load({ perSecond: 0.5 * peak, ...options, ...byMetadata(3), seed: 8 }),
  ]);
  const [more, less] = [answeredDuring(highs, options.forMs), answeredDuring(lows, options.forMs)];
  t.diagnostic(`high: ${outcomes(highs)}, ${latencies(highs)}; low: ${outcomes(lows)}, ${latencies(lows)}`);
  t.diagnostic(`of the rows the low one got ${((100 * less) / (more + less)).toFixed(1)}%`);
  assert.ok(less / (more + less) > 0.045);
});
