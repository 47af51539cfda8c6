// The executor over real workers, which run the real instance loop with a backend and a task that do as they are told.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { grpcStatusOf } from '@weft/rpc';
import { AttachedRouter, tokenize } from '../testing/attached-router.ts';
import { startExecutor } from '../testing/start-executor.ts';

/** An executor whose models are loaded, and a router that has attached and holds its first credit. */
async function attached(t: TestContext, ...models: Parameters<typeof startExecutor>) {
  const started = startExecutor(...models);
  t.after(() => started.stop());
  await started.executor.load();
  const router = new AttachedRouter(started.executor);
  await router.until(() => router.credits.length > 0);
  return { ...started, router };
}

/** One executor for the tests that leave it as it was. */
let shared: ReturnType<typeof startExecutor>;
before(() => {
  shared = startExecutor();
  return shared.executor.load();
});
after(() => shared.stop());

/** A router of its own on the shared executor. `computed` lists what was computed since. */
async function joined(t: TestContext) {
  const router = new AttachedRouter(shared.executor);
  t.after(() => router.link.close());
  await router.until(() => router.credits.length > 0);
  const since = shared.reports.heard.length;
  const computed = () => shared.reports.heard.slice(since).filter((report) => report.startsWith('computing'));
  return { ...shared, router, computed };
}

/** What was sent on a link is with the worker. */
const delivered = () => new Promise(setImmediate);

/** The instance runs a batch: the credit for the next one comes once this one has taken as long as others did. */
async function ahead(router: AttachedRouter): Promise<void> {
  shared.clock.advance(60_000);
  await router.until(() => router.credits.length === 2);
}

describe('an instance', () => {
  test('answers a batch in order and is free again', async (t) => {
    const { router, batches } = await joined(t);
    batches.length = 0;
    router.batch({ id: 1, items: ['a', 'b', 'c'] });
    assert.deepEqual(await router.outcomes(1), ['a', 'b', 'c']);
    assert.deepEqual(batches, [{ itemCount: 3, rows: 3 }]);
    await router.until(() => router.credits.length === 2);
    router.batch({ id: 2, items: ['d'] });
    assert.deepEqual(await router.outcomes(2), ['d']);
  });

  test('gives every failed item its own status and leaves its batch-mates alone', async (t) => {
    const { router, lines } = await joined(t);
    const malformed = Buffer.from([0x1f]);
    router.batch({ id: 1, items: ['refuse', 'a', 'throw', malformed, 'b'] });
    assert.deepEqual(await router.outcomes(1), [
      `${grpcStatusOf('INVALID_ARGUMENT')} texts[0] is refused`,
      'a',
      `${grpcStatusOf('INTERNAL')} internal error`,
      `${grpcStatusOf('INVALID_ARGUMENT')} malformed request message`,
      'b',
    ]);
    const outcome = router.results(1)[0]?.items[2]?.outcome as { requestId: string };
    const [incident] = lines.filter((line) => line['event'] === 'infer.failed');
    assert.equal(incident?.['requestId'], outcome.requestId);
    assert.match(String(incident?.['cause']), /the secret cause/);
    assert.equal(JSON.stringify(router.received).includes('secret'), false);
  });

  test('that is asked for a method or for a model it has not answers so', async (t) => {
    const { router } = await joined(t);
    router.batch({ id: 1, items: ['a'], method: '/weft.nlp.v1.NlpService/Embed' });
    const expected = `${grpcStatusOf('INVALID_ARGUMENT')} model 'm' does not serve /weft.nlp.v1.NlpService/Embed`;
    assert.deepEqual(await router.outcomes(1), [expected]);
  });

  test('refuses a response over the message limit, alone', async (t) => {
    const { router } = await attached(t, [{ maxMessageBytes: 1000 }]);
    router.batch({ id: 1, items: ['x'.repeat(990), 'a'] });
    const [large, small] = await router.outcomes(1);
    assert.match(
      String(large),
      new RegExp(`^${grpcStatusOf('RESOURCE_EXHAUSTED')} the response has 10\\d\\d bytes, more than the limit of 1000`),
    );
    assert.equal(small, 'a');
  });

  test('refuses a request that only a router with a larger limit lets in, alone, however large', async (t) => {
    const { router } = await attached(t, [{ maxMessageBytes: 1000 }]);
    for (const [id, characters] of [2000, 9_000_000].entries()) {
      router.batch({ id, items: [Buffer.alloc(characters), 'a'] });
      const [large, small] = await router.outcomes(id);
      assert.equal(
        large,
        `${grpcStatusOf('RESOURCE_EXHAUSTED')} the request has ${characters} bytes, more than the limit of 1000 for a message`,
      );
      assert.equal(small, 'a');
    }
  });

  test('answers large batches in several messages, and large items in pieces', async (t) => {
    const { router } = await joined(t);
    const texts = [5, 3, 3, 1].map((megabytes) => 'x'.repeat(megabytes * 1_000_000));
    router.batch({ id: 1, items: texts });
    assert.deepEqual(
      ((await router.outcomes(1)) as string[]).map(({ length }) => length),
      texts.map(({ length }) => length),
    );
    assert.deepEqual(
      router.results(1).map(({ items, last }) => [items.length, last]),
      [
        [1, false],
        [1, false],
        [2, true],
      ],
    );
  });
});

describe('cancelled items', () => {
  test('that have not begun are not computed, and their mates are', async (t) => {
    const { router, reports, computed } = await joined(t);
    router.batch({ id: 1, items: ['wait-1'] });
    await reports.hear('computing wait-1');
    await ahead(router);
    router.batch({ id: 2, items: ['a', 'mate', 'c'] });
    router.cancel(2, [0, 2]);
    router.cancel(1, [5]);
    await delivered();
    reports.go();
    assert.deepEqual(await router.outcomes(1), ['wait-1']);
    const gone = `${grpcStatusOf('CANCELLED')} the client cancelled`;
    assert.deepEqual(await router.outcomes(2), [gone, 'mate', gone]);
    await reports.hear('computing mate');
    assert.deepEqual(computed(), ['computing wait-1', 'computing mate']);
  });

  test('are given up between the items of a running batch', async (t) => {
    const { router, reports } = await joined(t);
    router.batch({ id: 1, items: ['wait-2', 'a', 'b'] });
    await reports.hear('computing wait-2');
    router.cancel(1, [1]);
    await delivered();
    reports.go();
    assert.deepEqual(await router.outcomes(1), ['wait-2', `${grpcStatusOf('CANCELLED')} the client cancelled`, 'b']);
  });

  test('of a router that goes away are not computed', async (t) => {
    const { router, reports, executor, computed } = await joined(t);
    router.batch({ id: 1, items: ['wait-3'] });
    await reports.hear('computing wait-3');
    await ahead(router);
    // However many there are.
    router.batch({ id: 2, items: Array.from({ length: 5_000 }, (_, item) => `${item}`) });
    router.link.close();
    const other = new AttachedRouter(executor);
    await delivered();
    reports.go();
    await other.until(() => other.credits.length > 0);
    other.batch({ id: 1, items: ['last'] });
    assert.deepEqual(await other.outcomes(1), ['last']);
    await reports.hear('computing last');
    assert.deepEqual(computed(), ['computing wait-3', 'computing last']);
  });
});

test('an item whose deadline passes while it waits for the instance is not computed', async (t) => {
  const { router, reports } = await joined(t);
  router.batch({ id: 1, items: ['wait-4'] });
  await reports.hear('computing wait-4');
  await ahead(router);
  router.batch({ id: 2, items: ['late'], timeoutUs: 1 });
  reports.go();
  const [outcome] = await router.outcomes(2);
  assert.match(
    String(outcome),
    new RegExp(`^${grpcStatusOf('DEADLINE_EXCEEDED')} the deadline passed \\d+ ms after the request came`),
  );
  assert.equal(reports.heard.includes('computing late'), false);
});

describe('credits', () => {
  test('are one for each idle instance', async (t) => {
    const { router } = await attached(t, [{ instances: 2 }]);
    await router.until(() => router.credits.length === 2);
    assert.deepEqual(
      [...router.credits].sort((a, b) => a - b),
      [0, 1],
    );
  });

  test('are given to every router, and taken back from the others when one has spent its own', async (t) => {
    const { executor, router, reports } = await joined(t);
    const other = new AttachedRouter(executor);
    t.after(() => other.link.close());
    await other.until(() => other.credits.length === 1);
    // So many rows take long: no batch ahead yet.
    router.batch({ id: 1, items: ['wait-5'], rows: 1e9 });
    // This one was under way when the credit was taken back.
    other.batch({ id: 1, items: ['late'] });
    await reports.hear('computing wait-5');
    await other.until(() => other.credits.length === 0);
    assert.equal(await other.outcomes(1), 'undelivered');
    reports.go();
    assert.deepEqual(await router.outcomes(1), ['wait-5']);
    await other.until(() => other.credits.length === 1);
  });

  test('are needed: a batch without one, for an unknown instance or version is bounced', async (t) => {
    const { router, reports } = await joined(t);
    router.batch({ id: 1, items: ['a'], instance: 9 });
    router.batch({ id: 2, items: ['b'], version: '8' });
    assert.deepEqual([await router.outcomes(1), await router.outcomes(2)], ['undelivered', 'undelivered']);
    router.batch({ id: 3, items: ['wait-7'] });
    await reports.hear('computing wait-7');
    await ahead(router);
    router.batch({ id: 4, items: ['c'] });
    router.batch({ id: 5, items: ['d'] });
    assert.equal(await router.outcomes(5), 'undelivered');
    reports.go();
    assert.deepEqual([await router.outcomes(3), await router.outcomes(4)], [['wait-7'], ['c']]);
  });
});

test('an instance takes no other batch while runs of a large request follow, and counts all of its rows', async (t) => {
  const { router, reports, batches, clock } = await joined(t);
  router.batch({ id: 1, items: ['a'] });
  await router.outcomes(1);
  await router.until(() => router.credits.length === 2);
  const rows = 100_000;
  router.batch({ id: 2, items: ['wait-9'], rows });
  await reports.hear('computing wait-9');
  await delivered();
  assert.equal(router.credits.length, 2);
  clock.advance(10 * 60_000);
  await router.until(() => router.credits.length === 3);
  reports.go();
  assert.deepEqual(await router.outcomes(2), ['wait-9']);
  assert.deepEqual(batches.at(-1), { itemCount: 1, rows });
});

describe('an instance that crashes', () => {
  for (const isolation of ['thread', 'process'] as const) {
    test(`costs the batch it ran, not the one behind it, and is started again (${isolation})`, async (t) => {
      const { router, clock, states, lines, until, executor } = await attached(t, [{ isolation }]);
      router.batch({ id: 1, items: [isolation === 'thread' ? 'exit' : 'kill'] });
      await router.until(() => router.credits.length === 2);
      router.batch({ id: 2, items: ['a'] });
      assert.equal(await router.outcomes(1), 'crashed');
      assert.equal(await router.outcomes(2), 'undelivered');
      assert.equal(states.at(-1), 'UNAVAILABLE');
      const [model] = executor.state().models ?? [];
      assert.match(
        model?.reason ?? '',
        /^its instance crashed and is being restarted: the worker (thread|process) ended/,
      );
      assert.equal(lines.filter((line) => line['event'] === 'instance.crashed').length, 1);
      const before = router.received.filter(({ kind }) => kind === 'credit').length;
      clock.advance(500);
      await until(() => states.at(-1) === 'READY');
      await router.until(() => router.received.filter(({ kind }) => kind === 'credit').length === before + 1);
      router.batch({ id: 3, items: ['b'] });
      assert.deepEqual(await router.outcomes(3), ['b']);
    });
  }

  test('takes back the credits it had granted', async (t) => {
    const { router } = await attached(t);
    const idle = new AttachedRouter((await attached(t)).executor);
    await idle.until(() => idle.credits.length === 1);
    router.batch({ id: 1, items: ['exit'] });
    await router.outcomes(1);
    await router.until(() => router.received.some(({ kind }) => kind === 'credit_return'));
  });

  test('leaves the other instances serving, and the version READY', async (t) => {
    const { router, states, executor, until, clock } = await attached(t, [{ instances: 2 }]);
    const instances = () => executor.state().models?.[0]?.instances;
    await router.until(() => router.credits.length === 2);
    assert.equal(instances(), 2);
    router.batch({ id: 1, items: ['exit'], instance: 0 });
    await router.outcomes(1);
    router.batch({ id: 2, items: ['a'], instance: 1 });
    assert.deepEqual(await router.outcomes(2), ['a']);
    await until(() => instances() === 1);
    assert.equal(states.at(-1), 'READY');
    clock.advance(500);
    await until(() => instances() === 2);
    assert.equal(states.at(-1), 'READY');
  });

  test('and cannot be loaded again is tried alone, ever more seldom', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'weft-executor-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, 'loads');
    const { router, clock, delays, reports, lines } = await attached(t, [{ file }]);
    const failures = () => lines.filter((line) => line['event'] === 'instance.restart_failed').length;
    router.batch({ id: 1, items: ['exit'] });
    await router.outcomes(1);
    const restarts = () => delays.filter((delayMs) => delayMs >= 500);
    const expected: number[] = [];
    for (const [attempt, delayMs] of [500, 1000, 2000, 4000].entries()) {
      expected.push(delayMs);
      assert.deepEqual(restarts(), expected);
      clock.advance(delayMs);
      await reports.hear(`loading ${file}`, attempt + 2);
      while (failures() <= attempt) await delivered();
      assert.equal((await readFile(file, 'utf8')).length, attempt + 2);
    }
  });
});

describe('loading', () => {
  test('that fails is UNAVAILABLE with the reason, and the other versions serve', async (t) => {
    const files = ['sound', 'broken', 'surprise', 'exit'];
    const { router, executor } = await attached(
      t,
      files.map((file, index) => ({ file, version: String(index + 1) })),
    );
    const states = executor.state().models?.map(({ state, reason }) => `${String(state)} ${reason ?? ''}`);
    assert.deepEqual(states, [
      "MODEL_STATE_UNAVAILABLE failed to load 'm' version 4: the worker thread ended with code 7",
      "MODEL_STATE_UNAVAILABLE failed to load 'm' version 3: something unforeseen",
      "MODEL_STATE_UNAVAILABLE failed to load 'm' version 2: the file is no model",
      'MODEL_STATE_READY ',
    ]);
    router.batch({ id: 1, items: ['a'] });
    assert.deepEqual(await router.outcomes(1), ['a']);
  });

  test('makes the service ready once every model has loaded or failed, if the default models are READY', async (t) => {
    const method = tokenize.path;
    const failing = startExecutor([{ file: 'broken' }], { [method]: 'm' });
    t.after(() => failing.stop());
    await failing.executor.load();
    assert.deepEqual([failing.executor.ready, failing.executor.failedDefaults()], [false, ['m']]);
    const sound = startExecutor([{ file: 'broken', version: '2' }, {}], { [method]: 'm' });
    t.after(() => sound.stop());
    assert.equal(sound.executor.ready, false);
    await sound.executor.load();
    assert.deepEqual([sound.executor.ready, sound.executor.failedDefaults()], [true, []]);
  });

  test('that is overtaken by a stop comes to nothing', async () => {
    const { executor, reports, states, stop } = startExecutor([
      { version: '3', file: 'wait' },
      { version: '2', file: 'wait' },
      { version: '1', file: 'late' },
    ]);
    const loading = executor.load();
    await reports.hear('loading wait', 2);
    const stopped = stop();
    reports.go();
    await stopped;
    await loading;
    assert.equal(
      states.some((state) => state.includes('READY')),
      false,
    );
    assert.equal(reports.heard.includes('loading late'), false);
    assert.equal(executor.ready, false);
  });
});

describe('draining', () => {
  test('finishes what runs and what is behind it, bounces what comes later, and then closes', async (t) => {
    const { router, reports, executor } = await attached(t);
    router.batch({ id: 1, items: ['wait'] });
    await reports.hear('computing wait');
    await router.until(() => router.credits.length === 2);
    router.batch({ id: 2, items: ['a'] });
    await delivered();
    const drained = executor.drain(60_000);
    await router.until(() => router.received.some(({ kind }) => kind === 'drain'));
    router.batch({ id: 3, items: ['b'] });
    assert.equal(await router.outcomes(3), 'undelivered');
    assert.equal(executor.state().draining, true);
    reports.go();
    assert.equal(await drained, true);
    assert.deepEqual([await router.outcomes(1), await router.outcomes(2)], [['wait'], ['a']]);
    await router.until(() => router.closed !== undefined);
    await reports.hear('unloaded sound');
  });

  test('ends after its time, though an instance never does', async (t) => {
    const { router, reports, executor } = await attached(t);
    router.batch({ id: 1, items: ['wait'] });
    await reports.hear('computing wait');
    assert.equal(await executor.drain(1), false);
    await router.until(() => router.closed !== undefined);
    assert.equal(executor.ended.aborted, true);
    reports.go();
  });
});

test('a router that breaks the protocol loses its stream, and the others stay', async (t) => {
  const { router, executor } = await attached(t);
  const broken = new AttachedRouter(executor);
  broken.link.send(Buffer.from([0x1a, 0x7f, 0x01]));
  await broken.until(() => broken.closed !== undefined);
  router.batch({ id: 1, items: ['a'] });
  assert.deepEqual(await router.outcomes(1), ['a']);
});
