// Versions of a model change while calls keep coming through a dispatch engine that is joined to the executor, as in a service
// that is called directly: no call may notice.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DispatchEngine, StatisticsBook } from '@weft/dispatch';
import { systemClock } from '@weft/flow';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
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

async function underLoad(t: TestContext, options: ProbeOptions = {}) {
  const started = startExecutor([{}], {}, options);
  const statistics = new StatisticsBook(0, 0);
  const engine = new DispatchEngine({
    clock: systemClock,
    maxQueueSize: 1_000,
    maxQueueBytes: 1_000_000,
    maxBatchBytes: 100_000,
    maxMessageBytes: 1_000_000,
    observer: {
      onInventory: ignored,
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
  const callers = new Callers(engine, 8);
  t.after(async () => {
    engine.stop();
    await started.stop();
  });
  const until = (holds: (state: ReplicaState) => boolean) => started.until(() => holds(started.executor.state()));
  return { ...started, publisher: new Publisher(started.eventLog), callers, until };
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
