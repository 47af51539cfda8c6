// Two routers, each with an engine of its own, whose streams share the slots of replicas that tell neither of the other's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DispatchEngine, type Pipe, StatisticsBook } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import { ManualClock } from '@weft/flow';
import fc from 'fast-check';
import type { InstanceHost } from '../executor/instance-host.ts';
import { SimulatedReplica } from '../testing/simulated-replica.ts';
import type { InstanceStream } from './instance-streams.ts';
import { VersionStreams } from './version-streams.ts';

const method = '/a.B/C';
const model = { startMs: 1, rowMs: 1, maxRows: 1, networkMs: 0 };

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};

/** A replica whose instance answers no stream, and ends each when it is told to. */
function startReplica(clock: ManualClock, slots: number) {
  const open = new Map<string, (error?: WeftError) => void>();
  async function* stream({ requests, signal, onEnded }: InstanceStream): AsyncGenerator<Buffer, void, undefined> {
    let name = '';
    try {
      for await (const request of requests) {
        name = request.toString();
        break;
      }
      const error = await new Promise<WeftError | undefined>((resolve) => {
        open.set(name, resolve);
        signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
      });
      if (error !== undefined) throw error;
      yield* [];
    } finally {
      open.delete(name);
      onEnded(false);
    }
  }
  const streams = new VersionStreams({ model: 'm', version: '1', clock, counts: { responded() {}, streamed() {} } });
  streams.setInstances(new Map([[{ stream } as unknown as InstanceHost, slots]]));
  return { streams, open };
}

function startMesh(slots: readonly number[], { routers: routerCount = 2 } = {}) {
  const clock = new ManualClock();
  const replicas = slots.map((count) => startReplica(clock, count));
  const ignore = (): void => {};
  const events: string[] = [];
  const statistics = new StatisticsBook(0, 0);
  let asked = 0;
  const routers = Array.from({ length: routerCount }, () => {
    const lane = () => ({
      ...{ onDispatched: ignore, onShed: ignore, onSentAgain: ignore },
      onEjected: (endpoint: string, reason: string) => void events.push(`${endpoint} ejected: ${reason}`),
      onReadmitted: (endpoint: string) => void events.push(`${endpoint} readmitted`),
    });
    const engine = new DispatchEngine({
      ...{ clock, maxQueueSize: 1000, maxQueueBytes: 1e9, maxBatchBytes: 1e9, maxMessageBytes: 1e9 },
      observer: { lane, counts: statistics.of.bind(statistics), onInventory: ignore, onDetached: ignore },
    });
    for (const [at, { streams }] of replicas.entries()) {
      const batches = new SimulatedReplica(clock, model);
      const state = batches.state(`r${at}`);
      const models = state.models.map((entry) => ({ ...entry, streamMethods: [method], streamSlots: slots[at] ?? 0 }));
      engine.pipes.reach(`r${at}`, (start, listener) => {
        asked++;
        return streams.open(start, listener);
      });
      engine.updateReplica(`r${at}`, { ...state, models }, batches.opener('router'));
    }
    return engine;
  });
  const ends: string[] = [];
  const pipes = new Map<string, Pipe>();
  const open = (router: number, name: string, deadlineMs = Number.POSITIVE_INFINITY): void => {
    const terms = { model: 'm', version: '', method, deadlineMs, traceparent: '', tenant: '', priority: 0 };
    const call = { ...terms, first: Buffer.from(name), requestStream: true, onChosen: undefined };
    const pipe = routers[router]?.pipes.open(call, {
      onResponse() {},
      onRoom() {},
      onEnd: (error) => void ends.push(`${name} ${error?.code ?? 'OK'}`),
    });
    pipe?.read();
    if (pipe !== undefined) pipes.set(name, pipe);
  };
  const leave = (name: string): void => pipes.get(name)?.cancel(new WeftError('CANCELLED', 'left'));
  /** Which replica has which streams. */
  const at = (): string[][] => replicas.map((replica) => [...replica.open.keys()].sort());
  const end = (name: string, error?: WeftError): void => {
    for (const replica of replicas) replica.open.get(name)?.(error);
  };
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      await turns();
    }
  };
  return { clock, open, leave, at, end, ends, events, pass, asked: () => asked };
}

test('a stream does not wait behind the streams of another router while a replica is free', async () => {
  const { open, at } = startMesh([1, 1]);
  open(0, 'a');
  await turns();
  open(1, 'b');
  await turns();
  assert.deepEqual(at().flat().sort(), ['a', 'b']);
});

test('a stream that waits gets whichever replica is free first, within two seconds, whoever had it', async () => {
  for (const freed of ['a', 'b']) {
    const { open, at, end, pass, ends } = startMesh([1, 1]);
    for (const [router, name] of [
      [0, 'a'],
      [0, 'b'],
      [1, 'c'],
    ] as const) {
      open(router, name);
      await turns();
    }
    await pass(5000);
    assert.deepEqual(at().flat().sort(), ['a', 'b']);
    end(freed);
    await pass(2000);
    assert.deepEqual(
      at().flat().sort(),
      ['a', 'b', 'c'].filter((name) => name !== freed),
    );
    assert.deepEqual(ends, [`${freed} OK`]);
  }
});

test('slots that another router gives back are taken at once, and none stays free while streams wait', async () => {
  const { open, at, end, pass, asked } = startMesh([8, 8]);
  for (let index = 0; index < 16; index++) open(0, `a${index}`);
  await turns();
  for (let index = 0; index < 40; index++) open(1, `b${index}`);
  await pass(3000);
  assert.equal(
    at()
      .flat()
      .filter((name) => name.startsWith('b')).length,
    0,
  );
  const waited = asked();
  await pass(4000);
  assert.ok(asked() - waited <= 8, `${asked() - waited} were told though nothing was free`);
  const before = asked();
  for (let index = 0; index < 16; index++) end(`a${index}`);
  await pass(100);
  assert.deepEqual(
    at().map((names) => names.length),
    [8, 8],
  );
  assert.ok(asked() - before < 24, `${asked() - before} streams were told`);
});

test('streams that wait at two routers are served in turns, though one has many', async () => {
  const { open, at, end, pass } = startMesh([1]);
  for (let index = 0; index < 20; index++) open(0, `a${index}`);
  await turns();
  open(1, 'b');
  await pass(1000);
  let ended = 0;
  while (!at().flat().includes('b')) {
    for (const name of at().flat()) end(name);
    ended++;
    await pass(50);
    assert.ok(ended < 4, `${ended} streams of the other router went before`);
  }
});

test('who waits for a replica that is full is answered when its deadline passes', async () => {
  const { clock, open, ends, pass } = startMesh([1]);
  open(0, 'a');
  await turns();
  open(1, 'b', clock.now() + 3000);
  await pass(2900);
  assert.deepEqual(ends, []);
  await pass(200);
  assert.deepEqual(ends, ['b DEADLINE_EXCEEDED']);
});

test('a replica that fails its streams at once gets few of them, and is tried again', async () => {
  const { open, at, end, ends, events, pass } = startMesh([4, 4], { routers: 1 });
  let failed = 0;
  let mends = false;
  const step = async (name: string): Promise<void> => {
    open(0, name);
    await turns();
    const [broken = [], sound = []] = at();
    if (broken.includes(name) && !mends) {
      failed++;
      end(name, new WeftError('INTERNAL', 'broken'));
    } else if (sound.length === 4 || broken.length === 4) for (const one of at().flat()) end(one);
    await turns();
  };
  for (let index = 0; index < 40; index++) await step(`s${index}`);
  assert.ok(failed < 15, `${failed} of 40 streams failed`);
  assert.deepEqual(events, ['r0 ejected: its streams fail more than those of the others']);
  mends = true;
  await pass(1500);
  for (let index = 0; index < 10; index++) await step(`t${index}`);
  for (const one of at().flat()) end(one);
  await turns();
  assert.equal(events[1], 'r0 readmitted');
  assert.equal(ends.filter((end_) => end_.startsWith('t') && end_.endsWith('INTERNAL')).length, 0);
});

test('however streams come, end and leave, no replica has more than its slots, and each stream is served in the end', async () => {
  const step = fc.record({
    kind: fc.constantFrom('open', 'open', 'end', 'leave'),
    router: fc.nat(1),
    which: fc.nat(9),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { open, leave, at, end, ends, pass } = startMesh([1, 2]);
      const expected = new Set<string>();
      for (const [index, { kind, router, which }] of steps.entries()) {
        const running = at().flat();
        if (kind === 'open') {
          expected.add(`s${index}`);
          open(router, `s${index}`);
        } else if (kind === 'end') end(running[which % Math.max(1, running.length)] ?? '');
        else {
          const left = [...expected][which % Math.max(1, expected.size)] ?? '';
          if (!ends.includes(`${left} OK`)) expected.delete(left);
          leave(left);
        }
        await pass(which * 50);
        for (const [replica, names] of at().entries()) assert.ok(names.length <= [1, 2][replica]!, `${names}`);
      }
      for (let round = 0; round < steps.length; round++) {
        for (const name of at().flat()) end(name);
        await pass(100);
      }
      await pass(3000);
      for (const name of at().flat()) end(name);
      await pass(50);
      assert.deepEqual(new Set(ends), new Set([...expected].map((name) => `${name} OK`)));
    }),
    { numRuns: 20 },
  );
});
