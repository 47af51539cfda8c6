import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { ManualClock } from '@weft/flow';
import { parseConfigText } from '@weft/models';
import type { FromWorker, InstanceSpec } from '../worker/messages.ts';
import { SpareWorker } from './spare-worker.ts';
import type { Isolation, WorkerChannel } from './worker-channel.ts';

const probe = new URL('../testing/probe-worker.js', import.meta.url);

function pool(t: TestContext) {
  const clock = new ManualClock();
  const workers = new SpareWorker(probe, clock);
  t.after(() => workers.close());
  return { clock, workers };
}

/** A worker that has been told to unload, and has said that it did; `exited` is set when it ends. */
async function unloaded(workers: SpareWorker, isolation: Isolation = 'thread') {
  const heard = new EventTarget();
  const exited = once(heard, 'exit');
  const said = once(heard, 'unloaded');
  const worker = workers.take(isolation, {
    onMessage: ({ kind }: FromWorker) => void heard.dispatchEvent(new Event(kind)),
    onExit: () => void heard.dispatchEvent(new Event('exit')),
  });
  worker.post({ kind: 'unload' });
  await said;
  return { worker, exited };
}

function end(worker: WorkerChannel): void {
  worker.post({ kind: 'end' });
}

test('a thread whose model was unloaded serves the next one; a second one is not kept beside it', async (t) => {
  const { workers } = pool(t);
  const first = await unloaded(workers);
  const second = await unloaded(workers);
  assert.equal(workers.offer(first.worker), true);
  assert.equal(workers.offer(second.worker), false);
  end(second.worker);
  await second.exited;
  const next = await unloaded(workers);
  assert.equal(next.worker, first.worker);
  end(next.worker);
  await next.exited;
});

test('a process is ended with its model', async (t) => {
  const { workers } = pool(t);
  const { worker, exited } = await unloaded(workers, 'process');
  assert.equal(workers.offer(worker), false);
  end(worker);
  await exited;
});

for (const isolation of ['thread', 'process'] as const)
  test(`a ${isolation} whose load never ends can be ended all the same`, async (t) => {
    const { workers } = pool(t);
    const { worker, exited } = await unloaded(workers, isolation);
    const config = parseConfigText('parameters { key: "weft.task" value { string_value: "probe" } }');
    const spec: InstanceSpec = {
      ...{ model: 'm', version: '1', config, providers: [], deviceId: 0, threads: 1, cacheDirectory: '' },
      artifact: { backend: 'tensorflowjs', model: 'wait', parts: {}, files: {} },
      limits: { maxImagePixels: 1, maxTextBytes: 1, maxTexts: 1 },
      maxMessageBytes: 1000,
    };
    worker.post({ kind: 'load', spec });
    end(worker);
    worker.kill();
    // A thread does not keep the process alive by then.
    const alive = setInterval(() => {}, 1000);
    t.after(() => clearInterval(alive));
    await exited;
  });

test('the spare ends when no version comes for a minute', async (t) => {
  const { workers, clock } = pool(t);
  const { worker } = await unloaded(workers);
  assert.equal(workers.offer(worker), true);
  clock.advance(60_001);
  const next = await unloaded(workers);
  assert.notEqual(next.worker, worker);
  end(next.worker);
  await next.exited;
});

test('none is kept once the service stops', async (t) => {
  const { workers } = pool(t);
  const { worker, exited } = await unloaded(workers);
  workers.close();
  assert.equal(workers.offer(worker), false);
  end(worker);
  await exited;
});
