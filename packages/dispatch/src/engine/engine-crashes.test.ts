// Calls whose replica or instance dies under them: the one that is the cause ends, the others are answered. Losses as such
// are in engine-replicas.test.ts, the rule in fate-of-lost.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { FakeReplica, ReceivedBatch } from '../testing/fake-replica.ts';
import { granted, parameter, startMesh, texts } from '../testing/start-mesh.ts';
import { turns } from '../testing/start-engine.ts';

const config = parameter('policy', 'greedy');
const guilty = 'INTERNAL two instances crashed while they worked on this request';

const newest = (replica: FakeReplica): ReceivedBatch => replica.batches.at(-1) as ReceivedBatch;

async function crash(replica: FakeReplica): Promise<void> {
  replica.crash(newest(replica));
  await turns();
}

async function echo(replica: FakeReplica): Promise<void> {
  replica.echo(newest(replica));
  await turns();
}

describe('a crash', () => {
  test('has all of its batch tried again alone; who crashes again is the cause, and the mates are answered', async () => {
    const { a, submit, engine } = await startMesh({ config });
    const [first, poison, last] = [submit('first'), submit('poison'), submit('last')];
    assert.deepEqual(texts(await granted(a)), ['first', 'poison', 'last']);
    await crash(a);
    assert.deepEqual(texts(await granted(a)), ['first']);
    await echo(a);
    assert.deepEqual(texts(await granted(a)), ['poison']);
    await crash(a);
    assert.equal(poison.answer(), guilty);
    assert.deepEqual(texts(await granted(a)), ['last']);
    await echo(a);
    assert.deepEqual([first.answer(), last.answer(), engine.waiting], ['first', 'last', 0]);
    assert.deepEqual([first.settled(), poison.settled(), last.settled()], [1, 1, 1]);
  });

  test('has them tried alone even when their time hardly suffices', async () => {
    const { a, submit } = await startMesh({ config });
    for (const text of ['1', '2', '3']) submit(text, { deadlineMs: 40 });
    await granted(a);
    await crash(a);
    assert.deepEqual(texts(await granted(a)), ['1']);
  });

  test('ends no call that was answered before', async () => {
    const { a, submit } = await startMesh({ config });
    const [answered, other] = [submit('x'), submit('y')];
    a.answer(((await granted(a)) as ReceivedBatch).id, { 0: 'X' }, { last: false });
    await crash(a);
    assert.deepEqual([answered.answer(), other.settled()], ['X', 0]);
    assert.deepEqual(texts(await granted(a)), ['y']);
  });

  test('of a call that was alone is no proof yet', async () => {
    const { a, submit } = await startMesh({ config });
    const call = submit('x');
    await granted(a);
    await crash(a);
    assert.equal(call.settled(), 0);
    await granted(a);
    await echo(a);
    assert.equal(call.answer(), 'x');
  });

  test('leaves those who come later their batches', async () => {
    const { a, submit } = await startMesh({ config });
    for (const text of ['1', '2']) submit(text);
    await granted(a);
    await crash(a);
    for (const text of ['3', '4']) submit(text);
    assert.deepEqual(texts(await granted(a, 1)), ['1']);
    assert.deepEqual(texts(await granted(a, 2)), ['3', '4']);
  });

  test('of calls that nobody waits for any more has nobody tried again', async () => {
    const { a, submit, engine } = await startMesh({ config });
    const calls = [submit('x'), submit('y')];
    await granted(a);
    for (const { pending } of calls) pending.cancel();
    await crash(a);
    assert.deepEqual([engine.waiting, await granted(a)], [0, undefined]);
  });
});

describe('suspects', () => {
  /** Eight calls whose instance crashed; there are `instances`, all free. */
  async function suspects(instances: number) {
    const mesh = await startMesh({ config, replicas: { a: { instances, maxBatchSize: 8 } } });
    const calls = Array.from({ length: 8 }, (_, at) => mesh.submit(`${at}`));
    await granted(mesh.a);
    await crash(mesh.a);
    for (let instance = 0; instance < instances; instance += 1) mesh.a.grant('1', instance);
    await turns();
    return { ...mesh, calls, tried: () => mesh.a.batches.slice(1).map(texts) };
  }

  test('take a quarter of the instances at most', async () => {
    for (const [instances, most] of [
      [1, 1],
      [3, 1],
      [4, 1],
      [8, 2],
      [12, 3],
    ] as const) {
      const { tried } = await suspects(instances);
      assert.deepEqual(
        tried(),
        Array.from({ length: most }, (_, at) => [`${at}`]),
      );
    }
  });

  test('follow one another as each is answered', async () => {
    const { a, calls, tried } = await suspects(8);
    for (let at = 1; at <= 8; at += 1) {
      a.echo(a.batches[at] as ReceivedBatch);
      await turns();
      a.grant('1', at % 8);
      await turns();
    }
    assert.equal(tried().length, 8);
    assert.deepEqual(
      calls.map((call) => call.answer()),
      ['0', '1', '2', '3', '4', '5', '6', '7'],
    );
  });

  test('are not held up by one that hangs, which is tried elsewhere', async () => {
    const { a, b, clock, submit } = await startMesh({ config, replicas: { a: {}, b: {} } });
    const [hangs, other] = [submit('hangs'), submit('other')];
    await granted(a);
    await crash(a);
    assert.deepEqual(texts(await granted(a)), ['hangs']);
    assert.equal(await granted(b), undefined);
    clock.advance(2000);
    await turns();
    const tried = [...b.batches.flatMap((batch) => texts(batch) ?? [])];
    await echo(b);
    await granted(b);
    tried.push(...(texts(newest(b)) ?? []));
    await echo(b);
    assert.deepEqual(tried.sort(), ['hangs', 'other']);
    assert.deepEqual([hangs.answer(), other.answer()], ['hangs', 'other']);
  });

  test('are not sent to a second replica for taking long', async () => {
    const { a, b, clock, submit, events } = await startMesh({
      config: config + parameter('hedge_ms', '50'),
      replicas: { a: {}, b: {} },
    });
    submit('x');
    await granted(a);
    await crash(a);
    await granted(a);
    clock.advance(60);
    assert.deepEqual([events, await granted(b)], [[], undefined]);
  });
});

describe('calls of a replica that was lost', () => {
  test('stay together once more when their time does not suffice alone', async () => {
    const { a, b, c, engine, submit } = await startMesh({ config, replicas: { a: {}, b: {}, c: {} } });
    const deadline = { deadlineMs: 60 };
    const calls = ['1', '2', '3'].map((text) => submit(text, deadline));
    await granted(a);
    submit('later');
    engine.loseReplica('a');
    await turns();
    assert.deepEqual(texts(await granted(b)), ['1', '2', '3']);
    engine.loseReplica('b');
    await turns();
    assert.deepEqual(texts(await granted(c)), ['1']);
    assert.deepEqual(
      calls.map((call) => call.settled()),
      [0, 0, 0],
    );
  });

  test('of several batches do not mix with each other', async () => {
    const { a, b, engine, submit } = await startMesh({ config, replicas: { a: {}, b: {} } });
    const batches: string[][] = [];
    for (const names of [
      ['1', '2'],
      ['3', '4'],
    ]) {
      for (const name of names) submit(name, { deadlineMs: 50 });
      await granted(a);
    }
    engine.loseReplica('a');
    await turns();
    for (let batch = 0; batch < 2; batch += 1) batches.push(texts(await granted(b)) ?? []);
    assert.deepEqual(batches.sort(), [
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  test('are INTERNAL when they were alone at two losses', async () => {
    const { a, b, engine, submit } = await startMesh({ config, replicas: { a: {}, b: {}, c: {} } });
    const call = submit('x');
    await granted(a);
    engine.loseReplica('a');
    await turns();
    await granted(b);
    engine.loseReplica('b');
    await turns();
    assert.equal(call.answer(), 'INTERNAL two replicas were lost while they worked on this request');
  });
});

test('a replica that is forgotten gives up its calls and its models', async () => {
  const { a, b, clock, engine, submit } = await startMesh({ config, replicas: { a: {}, b: {} } });
  const [computed, waiting] = [submit('x'), submit('y', { version: '1' })];
  await granted(a);
  engine.forgetReplica('a');
  await turns();
  assert.deepEqual([a.closed, computed.settled(), engine.waiting], [1, 0, 2]);
  engine.forgetReplica('b');
  await turns();
  assert.deepEqual([b.closed, engine.waiting], [1, 0]);
  for (const call of [computed, waiting])
    assert.match(call.answer() ?? '', /^UNAVAILABLE .* its replica is not connected$/);
  engine.forgetReplica('b');
  // A successor may be on its way.
  assert.throws(() => submit('z'), { code: 'UNAVAILABLE' });
  clock.advance(10 * 60_000);
  assert.throws(() => submit('z'), { code: 'NOT_FOUND' });
  assert.equal(engine.inventory.models.size, 0);
});

test('whatever is poison, it costs two crashes each, and everybody else is answered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 10 }),
      fc.integer({ min: 1, max: 8 }),
      async (list, instances) => {
        const { a, submit, engine } = await startMesh({ config, replicas: { a: { instances } } });
        const calls = list.map((poison, at) => submit(`${poison ? 'poison' : 'sound'} ${at}`));
        let crashes = 0;
        for (let round = 0; round < 100 && engine.waiting > 0; round += 1) {
          const batch = await granted(a, round % instances);
          const poisoned = texts(batch)?.some((text) => text.startsWith('poison')) === true;
          crashes += Number(poisoned);
          await (poisoned ? crash(a) : echo(a));
        }
        const expected = list.map((poison, at) => (poison ? guilty : `sound ${at}`));
        assert.deepEqual(
          calls.map((call) => call.answer()),
          expected,
        );
        assert.ok(crashes <= 2 * list.filter(Boolean).length);
      },
    ),
    { numRuns: 60 },
  );
});
