// Versions of a model change while calls keep coming through a dispatch engine that is joined to the executor, as in a service
// that is called directly: no call may notice.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Answer, DispatchEngine, type EngineOptions, RetiredVersions, StatisticsBook } from '@weft/dispatch';
import { ManualClock, systemClock } from '@weft/flow';
import { rpcMethod } from '@weft/rpc';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import { createInstruments } from '@weft/telemetry';
import { joinExecutor } from '../executor/join-executor.ts';
import { tokenize } from '../testing/attached-router.ts';
import { Publisher } from '../testing/publish.ts';
import { probeDisk, type ProbeOptions, startExecutor } from '../testing/start-executor.ts';

const ignored = (): void => {};

/** So many callers, each of whom calls again once it was answered. */
class Callers {
  answered = 0;
  readonly failures: string[] = [];
  readonly #engine: DispatchEngine;
  #left: number;
  #calling = true;
  #wake: () => void = ignored;

  constructor(engine: DispatchEngine, callers: number) {
    this.#engine = engine;
    this.#left = callers;
    for (let caller = 0; caller < callers; caller++) this.#call();
  }

  /** Resolves once so many more calls were answered. */
  async more(calls: number): Promise<void> {
    const enough = this.answered + calls;
    while (this.answered < enough) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async stop(): Promise<void> {
    this.#calling = false;
    while (this.#left > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #call(): void {
    const settle = (failure: string | undefined): void => {
      if (failure === undefined) this.answered += 1;
      else this.failures.push(failure);
      // A moment later: what loads needs processors too.
      if (this.#calling) systemClock.setTimer(5, () => this.#call());
      else this.#left -= 1;
      this.#wake();
    };
    try {
      this.#engine.submit({
        model: 'm',
        version: '',
        method: tokenize.path,
        payload: tokenize.encodeRequest({ texts: ['a'] }),
        rows: 1,
        deadlineMs: systemClock.now() + 60_000,
        timeoutMs: Number.POSITIVE_INFINITY,
        traceparent: '',
        tenant: '',
        priority: 0,
        settle: (answer) => settle('error' in answer ? answer.error.message : undefined),
      });
    } catch (thrown) {
      settle(String(thrown));
    }
  }
}

/** An engine over an executor with version 1. */
async function joined(
  t: TestContext,
  options: ProbeOptions = {},
  onInventory: EngineOptions['observer']['onInventory'] = ignored,
) {
  const started = startExecutor([{}], {}, options);
  const statistics = new StatisticsBook(0, 0);
  const engine = new DispatchEngine({
    clock: systemClock,
    maxQueueSize: 1_000,
    maxQueueBytes: 1_000_000,
    maxBatchBytes: 100_000,
    observer: {
      onInventory,
      counts: (model, version) => statistics.of(model, version),
      onDetached: ignored,
      lane: () => ({
        onDispatched: ignored,
        onShed: ignored,
        onSentAgain: ignored,
        onEjected: ignored,
        onReadmitted: ignored,
      }),
    },
  });
  joinExecutor(engine, started.executor);
  await started.executor.load();
  t.after(async () => {
    engine.stop();
    await started.stop();
  });
  const until = (holds: (state: ReplicaState) => boolean) => started.until(() => holds(started.executor.state()));
  return { ...started, engine, publisher: new Publisher(started.eventLog), until };
}

async function underLoad(t: TestContext, options: ProbeOptions = {}) {
  const started = await joined(t, options);
  return { ...started, callers: new Callers(started.engine, 8) };
}

test('a service forgets what it counted of versions that pushes have replaced', async (t) => {
  const clock = new ManualClock();
  const metrics = createInstruments();
  const statistics = new StatisticsBook(0, 0);
  const retired = new RetiredVersions({ clock, statistics, metrics });
  const { publisher, until } = await joined(t, {}, ({ models }) => retired.keepOnly(models));
  const batches = metrics.counter('weft_batches_total', 'B', ['model', 'version']);
  for (const number of ['1', '2', '3', '4']) {
    await publisher.publish({ versions: [await publisher.version(number, 'sound')] });
    await until(({ models = [] }) =>
      models.every(({ version, state }) => version === number && state === 'MODEL_STATE_READY'),
    );
    batches.with('m', number).add();
    statistics.of('m', number);
  }
  const told = () => [
    [...metrics.metrics].flatMap(({ read }) => [...read().points].map(({ labels }) => labels['version'])),
    [...statistics.entries()].map(({ version }) => version),
  ];
  assert.deepEqual(told(), [
    ['1', '2', '3', '4'],
    ['1', '2', '3', '4'],
  ]);
  clock.advance(10 * 60_000);
  assert.deepEqual(told(), [['4'], ['4']]);
});

const infer = rpcMethod('/inference.GRPCInferenceService/ModelInfer');

/** The version that answers a request of a sequence, or its error. */
function stepOf(
  engine: DispatchEngine,
  id: string,
  { start = false, end = false }: { start?: boolean; end?: boolean } = {},
): Promise<string> {
  const payload = infer.encodeRequest({
    modelName: 'm',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2] }],
    rawInputContents: [Buffer.alloc(8)],
  });
  return new Promise((resolve) => {
    const settle = (answer: Answer): void =>
      resolve(
        'error' in answer
          ? answer.error.message
          : String((infer.decodeResponse(Buffer.from(answer.payload)) as { modelVersion: string }).modelVersion),
      );
    const call = {
      ...{ model: 'm', version: '', method: infer.path, payload, rows: 1, priority: 0, tenant: '' },
      settle,
    };
    const patience = { deadlineMs: systemClock.now() + 30_000, timeoutMs: Number.POSITIVE_INFINITY, traceparent: '' };
    try {
      engine.submit({ ...call, ...patience, sequence: { id, start, end } });
    } catch (thrown) {
      resolve((thrown as Error).message);
    }
  });
}

/** A started mesh in which version 2 has the sequence `a`, and version 3 has taken its place. */
async function betweenSequences(t: TestContext) {
  const started = await joined(t);
  const { publisher, until, engine } = started;
  const batching = { sequenceBatching: { maxSequenceIdleMicroseconds: 5_000_000 } };
  const sequences = { ...batching, maxBatchSize: 4, parameters: {} };
  const versions = [await publisher.version('2', 'sound', sequences), await publisher.version('3', 'sound', sequences)];
  await publisher.publish({ versions: versions.slice(0, 1) });
  await until(serves('2'));
  assert.equal(await stepOf(engine, 'a', { start: true }), '2');
  await publisher.publish({ versions });
  const both = ({ models = [] }: ReplicaState): boolean =>
    models.length === 2 && models.every(({ state }) => state === 'MODEL_STATE_READY');
  await until(both);
  assert.deepEqual([await stepOf(engine, 'a'), await stepOf(engine, 'b', { start: true })], ['2', '3']);
  return { ...started, versions };
}

const serves =
  (version: string) =>
  ({ models = [] }: ReplicaState): boolean =>
    models.length === 1 && models[0]?.version === version && models[0].state === 'MODEL_STATE_READY';

test('twenty versions take over one after the other without a call that fails', async (t) => {
  const { publisher, callers, until } = await underLoad(t);
  for (let number = 2; number <= 21; number++) {
    await publisher.publish({ versions: [await publisher.version(String(number), 'sound')] });
    await until(serves(String(number)));
    await callers.more(20);
  }
  await callers.stop();
  assert.deepEqual(callers.failures, []);
  t.diagnostic(`${callers.answered} calls were answered`);
});

test('the same version loaded anew, one that goes back, and one that cannot load, are not noticed either', async (t) => {
  const task = 'parameters { key: "weft.task" value { string_value: "probe" } }';
  let reads = 0;
  const { publisher, callers, until } = await underLoad(t, {
    readDisk: () => probeDisk([{}], `max_batch_size: ${(reads += 1)} ${task}`),
  });
  for (let generation = 1; generation <= 5; generation++) {
    await publisher.publish({ loadGeneration: generation });
    await until((state) => serves('1')(state) && state.models?.[0]?.config?.maxBatchSize === generation);
    await callers.more(20);
  }
  const versions = [await publisher.version('2', 'sound'), await publisher.version('3', 'broken')];
  const known = { loadGeneration: 5, versions };
  for (const version of ['2', '1', '2']) {
    const versionPolicy = { specific: { versions: [version] } };
    await publisher.publish({ ...known, versionPolicy });
    await until(serves(version));
    await callers.more(20);
  }
  await publisher.publish(known);
  await until(({ models = [] }) => models.some(({ state }) => state === 'MODEL_STATE_UNAVAILABLE'));
  await callers.more(20);
  await callers.stop();
  assert.deepEqual(callers.failures, []);
});

test('a sequence ends on the version that it began on, which then goes; others begin on the next one', async (t) => {
  const { until, engine } = await betweenSequences(t);
  assert.equal(await stepOf(engine, 'a', { end: true }), '2');
  await until(serves('3'));
  assert.equal(await stepOf(engine, 'b', { end: true }), '3');
});

test('a version whose sequences are silent for their idle time goes', async (t) => {
  const { until, clock } = await betweenSequences(t);
  clock.advance(6_000);
  await until(serves('3'));
});

test('a model that is unloaded waits for no sequence', async (t) => {
  const { until, publisher, versions } = await betweenSequences(t);
  await publisher.publish({ versions, unloaded: true });
  await until(({ models = [] }) => models.every(({ state }) => state !== 'MODEL_STATE_READY'));
});
