// Desired against actual state, over real workers that do as they are told, and an event log in memory.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { WeftError } from '@weft/errors';
import type { NeededArtifacts, PushedVersion } from '@weft/models';
import { encodedEvent, MemoryEventLog } from '@weft/models/testing';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import { AttachedRouter, tokenize } from '../testing/attached-router.ts';
import { Publisher } from '../testing/publish.ts';
import { probeDisk, type ProbeModel, type ProbeOptions, startExecutor } from '../testing/start-executor.ts';

const defaults = { [tokenize.path]: 'm' };

async function started(t: TestContext, models: readonly ProbeModel[] = [{}], options: ProbeOptions = {}) {
  const executor = startExecutor(models, defaults, options);
  t.after(() => executor.stop());
  await executor.executor.load();
  return { ...executor, publisher: new Publisher(executor.eventLog) };
}

/** `2 READY`, `1 READY superseded`, … */
function told({ models = [] }: ReplicaState): string[] {
  return models.map(({ version, state, superseded }) =>
    `${version} ${String(state).replace('MODEL_STATE_', '')}${superseded === true ? ' superseded' : ''}`.trim(),
  );
}

const settled = ({ applied = [] }: ReplicaState, revision: number): boolean =>
  applied.some((event) => event.revision === revision && event.settled === true);

const problemOf = ({ applied = [] }: ReplicaState): string => applied[0]?.problem ?? '';

describe('at a start', () => {
  test('an older version serves when the one that is wanted cannot be loaded, until one that is wanted can', async (t) => {
    const eventLog = new MemoryEventLog();
    const publisher = new Publisher(eventLog);
    const [sound, broken] = [await publisher.version('2', 'sound'), await publisher.version('4', 'broken')];
    await publisher.publish({ versions: [sound, await publisher.version('3', 'broken'), broken] });
    const { executor, until } = await started(t, [{}], { eventLog });
    assert.deepEqual(told(executor.state()), ['4 UNAVAILABLE', '3 UNAVAILABLE superseded', '2 READY superseded']);
    assert.match(problemOf(executor.state()), /^failed to load 'm' version 4: the file is no model$/);
    assert.equal(settled(executor.state(), 1), true);
    await publisher.publish({ versions: [sound, broken, await publisher.version('5', 'sound')] });
    await until(() => told(executor.state()).join() === '5 READY');
  });
});

describe('a version that is pushed', () => {
  test('is loaded beside the one on disk, which goes when the new one is READY, and not before', async (t) => {
    const { executor, publisher, reports, until } = await started(t);
    const router = new AttachedRouter(executor);
    await router.until(() => router.credits.length === 1);
    await publisher.publish({ versions: [await publisher.version('2', 'wait')] });
    await reports.hear('loading wait');
    assert.deepEqual(told(executor.state()), ['2 LOADING', '1 READY superseded']);
    assert.deepEqual([settled(executor.state(), 1), problemOf(executor.state())], [false, '']);
    router.batch({ id: 1, items: ['a'] });
    assert.deepEqual(await router.outcomes(1), ['a']);
    reports.go();
    await until(() => told(executor.state()).join() === '2 READY');
    assert.equal(settled(executor.state(), 1), true);
    // The stream was there before the version was.
    await router.until(() => router.received.some((message) => message.kind === 'credit' && message.version === '2'));
    router.batch({ id: 2, version: '2', items: ['b'] });
    router.batch({ id: 3, version: '1', items: ['late'] });
    assert.deepEqual([await router.outcomes(2), await router.outcomes(3)], [['b'], 'undelivered']);
    assert.equal(executor.ready, true);
  });

  test('and not wanted any more before it is READY never serves', async (t) => {
    const { executor, publisher, reports, until, states } = await started(t);
    await publisher.publish({ versions: [await publisher.version('2', 'wait')] });
    await reports.hear('loading wait');
    await publisher.publish({ versions: [await publisher.version('3', 'sound')] });
    await until(() => told(executor.state()).join() === '3 READY,2 UNLOADING superseded');
    reports.go();
    await until(() => told(executor.state()).join() === '3 READY');
    assert.equal(
      states.some((state) => state.startsWith('READY READY READY')),
      false,
    );
    await reports.hear('unloaded wait');
  });

  test('is loaded once, however often and by how many events it is asked for', async (t) => {
    const { executor, publisher, eventLog, reports, versions, until } = await started(t);
    const version = await publisher.version('2', 'wait');
    await publisher.publish({ versions: [version] });
    await reports.hear('loading wait');
    for (let times = 0; times < 5; times++)
      eventLog.deliver({ model: 'm', revision: 1, bytes: encodedEvent({ versions: [version] }) });
    await publisher.publish({ versions: [version], rollout: { stable: '2' } });
    reports.go();
    await until(() => told(executor.state()).join() === '2 READY');
    await publisher.publish({ versions: [version], rollout: { stable: '2' }, loadGeneration: 1 });
    assert.deepEqual(
      versions.map(({ version: number }) => number),
      ['1', '2'],
    );
  });

  test('and never loads fails after a while, and makes room for the next', async (t) => {
    const more = { loadConcurrency: 1, loadTimeoutMs: 900_000 };
    const { executor, publisher, reports, until, clock, lines } = await started(t, [{}], more);
    await publisher.publish({ versions: [await publisher.version('2', 'stuck')] });
    await reports.hear('loading stuck');
    const versions = [await publisher.version('2', 'stuck'), await publisher.version('3', 'sound')];
    await publisher.publish({ versions, versionPolicy: { all: {} } });
    clock.advance(899_999);
    assert.deepEqual(told(executor.state()), ['3 LOADING', '2 LOADING', '1 READY']);
    clock.advance(1);
    await until(() => told(executor.state()).join() === '3 READY,2 UNAVAILABLE,1 READY');
    const reason = 'it was not loaded within 15m (--load-timeout)';
    assert.equal(problemOf(executor.state()), `failed to load 'm' version 2: ${reason}`);
    assert.deepEqual(
      lines.filter(({ event }) => event === 'model.failed').map((line) => line['reason']),
      [reason],
    );
  });

  test('and given up while it never loads is gone after a while', async (t) => {
    const { executor, publisher, reports, until, clock } = await started(t, [{}], { loadTimeoutMs: 1000 });
    await publisher.publish({ versions: [await publisher.version('2', 'stuck')] });
    await reports.hear('loading stuck');
    await publisher.publish({ versions: [await publisher.version('3', 'sound')] });
    await until(() => told(executor.state()).join() === '3 READY,2 UNLOADING superseded');
    clock.advance(1000);
    await until(() => told(executor.state()).join() === '3 READY');
  });

  test('comes at most as many at a time as may load, the rest wait', async (t) => {
    const { executor, publisher, reports, versions, until } = await started(t, [{}], { loadConcurrency: 1 });
    const contents = ['wait-a', 'wait-b'];
    const pushed = await Promise.all(contents.map((content, index) => publisher.version(String(index + 2), content)));
    await publisher.publish({ versions: pushed, versionPolicy: { all: {} } });
    await reports.hear('loading wait-b');
    await new Promise(setImmediate);
    assert.equal(versions.length, 2);
    reports.go();
    await reports.hear('loading wait-a');
    reports.go();
    await until(() => told(executor.state()).join() === '3 READY,2 READY,1 READY');
  });
});

describe('a version that cannot be served leaves the old one serving, and says why:', () => {
  const missingInput = { input: [{ name: 'z', dataType: 'TYPE_FP32' as const, dims: [2] }] };
  const cases = [
    ['a corrupt model', 'broken', {}, /^failed to load 'm' version 2: the file is no model$/],
    ['an unforeseen failure', 'surprise', {}, /version 2: something unforeseen$/],
    ['a worker that dies', 'exit', {}, /version 2: the worker thread ended with code 7$/],
    ['a warm-up that fails', 'cold', {}, /version 2: the model refuses what it should take$/],
    ['a configuration with inputs that the model has not', 'sound', missingInput, /version 2: .*input 'z'/],
  ] as const;
  for (const [what, content, config, reason] of cases) {
    test(what, async (t) => {
      const { executor, publisher, until, clock } = await started(t);
      const router = new AttachedRouter(executor);
      await router.until(() => router.credits.length === 1);
      await publisher.publish({ versions: [await publisher.version('2', content, config)] });
      await until(() => settled(executor.state(), 1));
      assert.deepEqual(told(executor.state()), ['2 UNAVAILABLE', '1 READY superseded']);
      assert.match(executor.state().models?.[0]?.reason ?? '', reason);
      assert.match(problemOf(executor.state()), reason);
      // Nothing in time mends it.
      clock.advance(600_000);
      router.batch({ id: 1, items: ['a'] });
      assert.deepEqual(await router.outcomes(1), ['a']);
      assert.equal(executor.ready, true);
      await publisher.publish({ versions: [await publisher.version('3', 'sound')] });
      await until(() => told(executor.state()).join() === '3 READY');
      assert.equal(problemOf(executor.state()), '');
    });
  }

  for (const code of ['DATA_LOSS', 'PERMISSION_DENIED', 'NOT_FOUND'] as const) {
    test(`files that cannot be placed (${code}), until an event asks again`, async (t) => {
      let failures = 0;
      const { executor, publisher, until, clock } = await started(t, [{}], {
        async place() {
          if (failures++ === 0) throw new WeftError(code, "file 'model.json' is not what it should be");
          return 'sound';
        },
      });
      const version = await publisher.version('2', 'sound');
      await publisher.publish({ versions: [version] });
      await until(() => settled(executor.state(), 1));
      assert.deepEqual(told(executor.state()), ['2 UNAVAILABLE', '1 READY superseded']);
      assert.equal(
        problemOf(executor.state()),
        "failed to load 'm' version 2: file 'model.json' is not what it should be",
      );
      clock.advance(600_000);
      assert.equal(failures, 1);
      await publisher.publish({ versions: [version] });
      await until(() => told(executor.state()).join() === '2 READY');
    });
  }

  for (const code of ['UNAVAILABLE', 'RESOURCE_EXHAUSTED'] as const) {
    test(`what may pass (${code}), which is tried again ever more seldom`, async (t) => {
      let failures = 0;
      const { executor, publisher, until, clock, delays } = await started(t, [{}], {
        async place() {
          if (failures++ < 3) throw new WeftError(code, 'not now');
          return 'sound';
        },
      });
      await publisher.publish({ versions: [await publisher.version('2', 'sound')] });
      for (const [index, delayMs] of [1_000, 2_000, 4_000].entries()) {
        await until(() => failures === index + 1 && delays.includes(delayMs));
        assert.deepEqual(told(executor.state()), ['2 UNAVAILABLE', '1 READY superseded']);
        assert.equal(settled(executor.state(), 1), true);
        clock.advance(delayMs);
      }
      await until(() => told(executor.state()).join() === '2 READY');
      assert.equal(problemOf(executor.state()), '');
    });
  }
});

describe('an event that names other sources while an attempt runs', () => {
  for (const failuresBefore of [0, 1]) {
    test(`is acted upon when that attempt fails for good, after ${failuresBefore} that may pass`, async (t) => {
      const asked: string[] = [];
      let refuse: (error: WeftError) => void = () => {};
      const place = ({ version: { files } }: PushedVersion): Promise<string> => {
        const source = files[0]?.source ?? '';
        if (asked.push(source) <= failuresBefore) return Promise.reject(new WeftError('UNAVAILABLE', 'not now'));
        if (source === 'npm:new/m') return Promise.resolve('sound');
        return new Promise((_resolve, reject) => (refuse = reject));
      };
      const { executor, publisher, until, clock, delays } = await started(t, [{}], { place });
      const version = await publisher.version('2', 'sound');
      const from = (source: string) => ({
        versions: [{ ...version, files: (version.files ?? []).map((file) => ({ ...file, source })) }],
      });
      const untilAsked = async (times: number): Promise<void> => {
        while (asked.length < times) await new Promise(setImmediate);
      };
      await publisher.publish(from('npm:old/m'));
      await untilAsked(1);
      if (failuresBefore > 0) await until(() => delays.includes(1_000));
      clock.advance(1_000);
      await untilAsked(failuresBefore + 1);
      await publisher.publish(from('npm:new/m'));
      refuse(new WeftError('NOT_FOUND', 'gone'));
      await until(() => told(executor.state()).join() === '2 READY');
      assert.deepEqual(asked.slice(failuresBefore), ['npm:old/m', 'npm:new/m']);
    });
  }
});

describe('events that say nothing new', () => {
  test('or nothing at all change nothing, are logged once, and told', async (t) => {
    const { executor, publisher, eventLog, until, lines, versions } = await started(t);
    await publisher.publish({ versions: [await publisher.version('2', 'sound')], versionPolicy: { all: {} } });
    await until(() => told(executor.state()).join() === '2 READY,1 READY');
    const older = encodedEvent({ unloaded: true });
    eventLog.deliver({ model: 'm', revision: 0, bytes: older });
    eventLog.deliver({ model: 'm', revision: 1, bytes: older });
    for (let times = 0; times < 3; times++)
      eventLog.deliver({ model: 'm', revision: 9, bytes: Buffer.from('garbage') });
    eventLog.deliver({ model: 'unheard of', revision: 10, bytes: Buffer.from('garbage') });
    eventLog.deliver({ model: 'other', revision: 11, bytes: encodedEvent({ name: 'other', service: 'vision' }) });
    assert.deepEqual(told(executor.state()), ['2 READY', '1 READY']);
    assert.equal(versions.length, 2);
    const [applied, ...others] = executor.state().applied ?? [];
    assert.deepEqual([applied?.model, applied?.revision, applied?.settled, others], ['m', 9, true, []]);
    assert.match(applied?.problem ?? '', /^an event that cannot be acted upon: not a model event/);
    const refused = lines.filter((line) => line['event'] === 'event.refused').map((line) => line['revision']);
    assert.deepEqual(refused, [9, 10]);
  });
});

test('an unsigned configuration that would load something else is refused where only what is signed may be loaded', async (t) => {
  const { executor, publisher, until, versions } = await started(t, [{}], { signedOnly: true });
  const parameters = { 'weft.task': { stringValue: 'probe' } };
  const source = { stringValue: `nats:${'a'.repeat(64)}/7` };
  await publisher.publish({ configOverride: { parameters: { ...parameters, 'weft.source': source } } });
  assert.match(
    problemOf(executor.state()),
    /^with --trusted-keys an unsigned configuration may not .*\(weft\.source\)/,
  );
  assert.deepEqual([told(executor.state()), versions.length], [['1 READY'], 1]);
  await publisher.publish({ configOverride: { maxBatchSize: 3, parameters } });
  await until(() => executor.state().models?.[0]?.config?.maxBatchSize === 3);
  assert.equal(problemOf(executor.state()), '');
});

describe('a model that is unloaded', () => {
  test('finishes what runs, vanishes, and is still no reason not to be ready', async (t) => {
    const { executor, publisher, reports, until } = await started(t);
    const router = new AttachedRouter(executor);
    await router.until(() => router.credits.length === 1);
    router.batch({ id: 1, items: ['wait'] });
    await reports.hear('computing wait');
    await publisher.publish({ unloaded: true });
    assert.deepEqual(told(executor.state()), ['1 UNLOADING superseded']);
    assert.equal(settled(executor.state(), 1), false);
    router.batch({ id: 2, items: ['b'] });
    assert.equal(await router.outcomes(2), 'undelivered');
    reports.go();
    assert.deepEqual(await router.outcomes(1), ['wait']);
    await until(() => settled(executor.state(), 1));
    assert.deepEqual([told(executor.state()), executor.ready], [[], true]);
    await publisher.publish({ loadGeneration: 1 });
    // A load that comes later is no reason either.
    assert.equal(executor.ready, true);
    await until(() => told(executor.state()).join() === '1 READY');
  });

  test('or given to another service before the start is not loaded', async (t) => {
    const eventLog = new MemoryEventLog();
    await new Publisher(eventLog).publish({ service: 'other' });
    const { executor, versions } = await started(t, [{}], { eventLog });
    assert.deepEqual([told(executor.state()), versions.length, executor.ready], [[], 0, true]);
  });
});

describe('a model repository that is read again', () => {
  test('has what changed loaded anew under the same number, beside the old one', async (t) => {
    const task = 'parameters { key: "weft.task" value { string_value: "probe" } }';
    let changed = false;
    const { executor, publisher, reports, until, versions } = await started(t, [{ file: 'sound' }], {
      readDisk: () => probeDisk([{}], changed ? `max_batch_size: 3 ${task}` : task),
    });
    const router = new AttachedRouter(executor);
    await router.until(() => router.credits.length === 1);
    await publisher.publish({ loadGeneration: 1 });
    await until(() => settled(executor.state(), 1));
    assert.equal(versions.length, 1);
    router.batch({ id: 1, items: ['wait'] });
    await reports.hear('computing wait');
    changed = true;
    await publisher.publish({ loadGeneration: 2 });
    assert.deepEqual(told(executor.state()), ['1 READY']);
    await until(() => executor.state().models?.[0]?.config?.maxBatchSize === 3);
    assert.deepEqual(told(executor.state()), ['1 READY']);
    await router.until(() => router.received.some(({ kind }) => kind === 'credit_return') || router.credits.length > 1);
    router.batch({ id: 2, items: ['a'] });
    assert.deepEqual(await router.outcomes(2), ['a']);
    reports.go();
    assert.deepEqual(await router.outcomes(1), ['wait']);
    await reports.hear('unloaded sound');
    assert.equal(versions.length, 2);
  });

  test('is read again for whatever number a log asks with that lost its state and counts anew', async (t) => {
    let reads = 0;
    const { eventLog, publisher } = await started(t, [{}], {
      readDisk() {
        reads++;
        return probeDisk([{}]);
      },
    });
    await publisher.publish({ loadGeneration: 1 });
    await publisher.publish({ loadGeneration: 2 });
    assert.equal(reads, 2);
    eventLog.cutOff('lost');
    eventLog.deliver({ model: 'm', revision: 1, bytes: encodedEvent({ loadGeneration: 1 }) });
    assert.equal(reads, 3);
    eventLog.cutOff('lost again');
    eventLog.deliver({ model: 'm', revision: 1, bytes: encodedEvent({ loadGeneration: 1 }) });
    assert.equal(reads, 3);
    eventLog.cutOff('and again');
    const other = encodedEvent({ loadGeneration: 1, versionPolicy: { all: {} } });
    eventLog.deliver({ model: 'm', revision: 1, bytes: other });
    assert.equal(reads, 4);
  });

  test('and cannot be read leaves what was read before, and is told', async (t) => {
    const { executor, publisher, until } = await started(t, [{}], {
      readDisk() {
        throw new WeftError('INVALID_ARGUMENT', "two models are named 'm': a and b");
      },
    });
    await publisher.publish({ loadGeneration: 1 });
    await until(() => settled(executor.state(), 1));
    assert.deepEqual(told(executor.state()), ['1 READY']);
    assert.equal(problemOf(executor.state()), "two models are named 'm': a and b");
  });
});

describe('while the event log cannot be reached', () => {
  function folder(t: TestContext): string {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'weft-lifecycle-'));
    t.after(() => rmSync(dataDirectory, { recursive: true, force: true }));
    return dataDirectory;
  }

  test('a start serves what was last known and says so, and newer events are applied once it can', async (t) => {
    const dataDirectory = folder(t);
    const place = async (): Promise<string> => 'sound';
    const before = startExecutor([{}], defaults, { dataDirectory, place });
    await before.executor.load();
    const publisher = new Publisher(before.eventLog);
    const second = await publisher.version('2', 'two');
    await publisher.publish({ versions: [second] });
    await before.until(() => told(before.executor.state()).join() === '2 READY');
    await before.stop();

    const { eventLog } = before;
    eventLog.cutOff('the event log cannot be reached');
    const { executor, until, lines } = await started(t, [{}], { dataDirectory, place, eventLog });
    assert.deepEqual(told(executor.state()), ['2 READY']);
    const problem = 'the event log cannot be reached; serving what was last known';
    assert.equal(executor.state().eventLogProblem, problem);
    assert.equal(executor.ready, true);
    const warned = lines.filter((line) => line['event'] === 'event_log.away').map((line) => line['reason']);
    assert.deepEqual(warned, [problem]);
    eventLog.cutOff(undefined);
    assert.equal(executor.state().eventLogProblem, '');
    await publisher.publish({ versions: [second, await publisher.version('3', 'three')] });
    await until(() => told(executor.state()).join() === '3 READY');
  });

  test('what it serves is served on', async (t) => {
    const { executor, eventLog, publisher, until } = await started(t);
    eventLog.cutOff('the connection was lost');
    assert.equal(executor.state().eventLogProblem, 'the connection was lost');
    const router = new AttachedRouter(executor);
    await router.until(() => router.credits.length === 1);
    router.batch({ id: 1, items: ['a'] });
    assert.deepEqual(await router.outcomes(1), ['a']);
    eventLog.cutOff(undefined);
    await publisher.publish({ versions: [await publisher.version('2', 'sound')] });
    await until(() => told(executor.state()).join() === '2 READY');
  });

  test('a log that neither answers nor says why holds a start up for three seconds at most', async (t) => {
    const eventLog = new MemoryEventLog();
    eventLog.follow = () => () => {};
    const { executor, clock, stop, delays } = startExecutor([{}], defaults, { eventLog });
    t.after(stop);
    const loading = executor.load();
    assert.deepEqual(delays, [3_000]);
    clock.advance(3_000);
    await loading;
    assert.deepEqual(told(executor.state()), ['1 READY']);
  });
});

describe('what is swept', () => {
  const named = (swept: NeededArtifacts | undefined): string[] => [
    ...new Set(swept?.versions.map(({ model, service, version }) => `${model} ${service} ${version.version}`)),
  ];
  const placed = (swept: NeededArtifacts | undefined) => swept?.folders?.map(({ directory }) => directory);

  test('keeps every version of the service that an event names, and where those that serve were placed', async (t) => {
    const { executor, publisher, swept, until } = await started(t);
    const versions = [await publisher.version('2', 'two'), await publisher.version('3', 'three')];
    await publisher.publish({ versions });
    await until(() => told(executor.state()).join() === '3 READY');
    assert.deepEqual(named(swept.at(-1)), ['m probe 2', 'm probe 3']);
    assert.deepEqual(placed(swept.at(-1)), ['three']);
  });

  test('goes by the newest event: what it does not name any more need not be kept', async (t) => {
    const { executor, publisher, swept, until } = await started(t);
    const versions = [await publisher.version('2', 'two'), await publisher.version('3', 'three')];
    await publisher.publish({ versions });
    await until(() => told(executor.state()).join() === '3 READY');
    await publisher.publish({ versions: versions.slice(1) });
    assert.deepEqual(named(swept.at(-1)), ['m probe 3']);
  });

  test('is swept as soon as a start has loaded all, since what a former run left may be needless by now', async (t) => {
    const eventLog = new MemoryEventLog();
    const publisher = new Publisher(eventLog);
    await publisher.publish({ versions: [await publisher.version('2', 'two')] });
    const { swept } = await started(t, [{}], { eventLog });
    assert.deepEqual(swept.map(named), [['m probe 2']]);
    assert.deepEqual(swept.map(placed), [['two']]);
  });

  test('leaves all folders while one is being filled', async (t) => {
    let fill: (content: string) => void = () => {};
    const filled = new Promise<string>((resolve) => (fill = resolve));
    const { executor, publisher, swept, until } = await started(t, [{}], { place: () => filled });
    await publisher.publish({ versions: [await publisher.version('2', 'two')] });
    assert.deepEqual(swept.at(-1)?.folders, undefined);
    fill('two');
    await until(() => told(executor.state()).join() === '2 READY');
    assert.deepEqual(placed(swept.at(-1)), ['two']);
  });
});
