// Replicas that hang, or have become slow: they get nothing but copies until they are well again. Those that fail are in
// engine-ejection.test.ts, calls that take long in engine-hedging.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { type Clock, ManualClock } from '@weft/flow';
import type { FakeReplica, ReceivedBatch } from '../testing/fake-replica.ts';
import { granted, parameter, startMesh, texts, warmup } from '../testing/start-mesh.ts';
import { turns } from '../testing/start-engine.ts';

const both = { a: {}, b: {} };
/** Tests let no time pass between calls: any other policy would see a crowd. */
const config = parameter('policy', 'greedy');
const broken = { code: status.INTERNAL, message: 'broken', requestId: '' };

function failAll(replica: FakeReplica, { id, items } = replica.batches.at(-1) as ReceivedBatch): void {
  replica.answer(id, Object.fromEntries(items.map((_, index) => [index, broken])));
}

const received = (replica: FakeReplica): (string[] | undefined)[] => replica.batches.map(texts);

/** `a` has a batch for so long that it is taken to hang. */
async function hung(replicas: Parameters<typeof startMesh>[0] = { replicas: both }) {
  const mesh = await startMesh({ config, ...replicas });
  const call = mesh.submit('x');
  await granted(mesh.a);
  mesh.clock.advance(2000);
  await turns();
  return { ...mesh, call };
}

describe('a batch that takes eight times longer than expected, and over two seconds,', () => {
  test('ejects its replica, and its calls are sent to another', async () => {
    const { a, b, clock, submit, events } = await startMesh({ config, replicas: both });
    const call = submit('x');
    await granted(a);
    clock.advance(1999);
    assert.deepEqual(events, []);
    clock.advance(1);
    assert.deepEqual(events, ['ejected a: a batch of 1 rows takes over 2000 ms', 'again overdue']);
    b.echo((await granted(b)) as ReceivedBatch);
    await turns();
    assert.equal(call.answer(), 'x');
  });

  test('does not eject it when this process stood still: the answers may be here, unread', async () => {
    const manual = new ManualClock();
    let stoodMs = 0;
    const clock: Clock = {
      now: () => manual.now() + stoodMs,
      setTimer: (ms, wake) => manual.setTimer(ms, wake),
    };
    const { a, b, submit, events } = await startMesh({ config, replicas: both, engine: { clock } });
    const calls = [submit('x'), submit('y')];
    await granted(a);
    submit('z');
    await granted(b);
    stoodMs = 500;
    manual.advance(2000);
    assert.deepEqual(events, []);
    a.echo(a.batches[0] as ReceivedBatch);
    await turns();
    manual.advance(100);
    // The other replica has not answered meanwhile.
    assert.deepEqual(
      [events, calls.map((call) => call.answer())],
      [
        ['ejected b: a batch of 1 rows takes over 2000 ms', 'again overdue'],
        ['x', 'y'],
      ],
    );
  });

  test('is one of eight times its time, when that is more', async () => {
    const { a, clock, submit, events } = await startMesh({
      config,
      replicas: { a: warmup(999, 1), b: warmup(999, 1) },
    });
    submit('x');
    await granted(a);
    clock.advance(8000);
    assert.deepEqual(events, []);
    clock.advance(10);
    assert.equal(events.length, 2);
  });

  test('takes so many times longer when a request has more rows than the largest batch', async () => {
    const { a, clock, submit, events } = await startMesh({ config, replicas: both });
    submit('x'.repeat(100), { rows: 100 });
    await granted(a);
    // 25 runs of 13 ms.
    clock.advance(25 * 8 * 13);
    assert.deepEqual(events, []);
    clock.advance(10);
    assert.equal(events.length, 2);
  });

  test('stays where it is without another replica, which goes on being used', async () => {
    const { a, submit, engine, events, call } = await hung({});
    assert.deepEqual([engine.waiting, events.length], [0, 1]);
    submit('y');
    assert.deepEqual(texts(await granted(a, 1)), ['y']);
    a.echo(a.batches[0] as ReceivedBatch);
    await turns();
    assert.equal(call.answer(), 'x');
  });

  test('frees those who wait for its replica, although its own calls were given up', async () => {
    const { a, b, clock, submit } = await startMesh({ config, replicas: { a: {}, b: warmup(90, 1) } });
    const call = submit('x');
    await granted(a);
    call.pending.cancel();
    submit('y');
    assert.equal(await granted(b), undefined);
    clock.advance(2000);
    await turns();
    assert.deepEqual(received(b), [['y']]);
  });

  test('readmits its replica with a late answer', async () => {
    const { a, submit, events, call } = await hung();
    a.grant('1', 1);
    submit('y');
    await turns();
    assert.equal(a.batches.length, 1);
    a.echo(a.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([call.answer(), events.at(-1)], ['x', 'readmitted a']);
    assert.deepEqual(received(a), [['x'], ['y']]);
  });

  test('readmits its replica even when it answers that all was cancelled', async () => {
    const { a, b, events } = await hung();
    b.echo((await granted(b)) as ReceivedBatch);
    await turns();
    a.answer(a.batches[0]?.id as number, { 0: { code: status.CANCELLED, message: '', requestId: '' } });
    await turns();
    assert.equal(events.at(-1), 'readmitted a');
  });
});

describe('a replica that hangs', () => {
  /** `a` hangs, and is given copies again; `b` is free for six batches. */
  async function probing(replicas: Parameters<typeof startMesh>[0] = { replicas: both }) {
    const mesh = await hung(replicas);
    mesh.b.echo((await granted(mesh.b)) as ReceivedBatch);
    await turns();
    mesh.clock.advance(1000);
    for (let instance = 1; instance < 7; instance += 1) {
      mesh.a.grant('1', instance);
      mesh.b.grant('1', instance);
    }
    await turns();
    return mesh;
  }

  test('gets a copy after a while, and no client waits for it', async () => {
    const { a, b, submit } = await probing();
    const call = submit('y');
    await turns();
    assert.deepEqual(
      [received(a), received(b)],
      [
        [['x'], ['y']],
        [['x'], ['y']],
      ],
    );
    b.echo(b.batches[1] as ReceivedBatch);
    await turns();
    assert.equal(call.answer(), 'y');
  });

  test('is left to answer a copy that nobody waits for, or whose deadline is near', async () => {
    const { a, b, clock, submit, events } = await probing();
    submit('y', { deadlineMs: clock.now() + 50 });
    await turns();
    assert.deepEqual(
      [a, b].map(({ batches }) => batches[1]?.items[0]?.timeoutUs),
      [0, 50_000],
    );
    b.echo(b.batches[1] as ReceivedBatch);
    await turns();
    assert.ok(a.cancels.every(({ batchId }) => batchId !== a.batches[1]?.id));
    a.echo(a.batches[1] as ReceivedBatch);
    await turns();
    assert.equal(events.at(-1), 'readmitted a');
  });

  test('is not trusted anew when its stream breaks and is opened again', async () => {
    const { a, b, clock, submit } = await hung();
    b.answer((await granted(b))?.id ?? 0, { 0: 'x' }, { computeMs: 10 });
    a.lose();
    await turns();
    clock.advance(200);
    a.grant('1');
    await turns();
    assert.equal(a.attached.length, 2);
    submit('y');
    await turns();
    assert.deepEqual([received(a), texts(await granted(b, 1))], [[['x']], ['y']]);
  });

  test('is another one when its process was replaced', async () => {
    const { a, b, clock, submit, engine, report } = await hung();
    b.answer((await granted(b))?.id ?? 0, { 0: 'x' }, { computeMs: 10 });
    engine.loseReplica('a');
    clock.advance(200);
    report('a', config, { replicaId: 'another' });
    a.grant('1');
    submit('y');
    await turns();
    assert.deepEqual(received(a), [['x'], ['y']]);
  });

  test('gets copies that are counted as batches, by their reason and size', async () => {
    const { submit, clock, dispatched } = await probing();
    const before = dispatched.length;
    submit('2', { rows: 2 });
    submit('1');
    clock.advance(7);
    await turns();
    const counted = dispatched
      .slice(before)
      .map(({ reason, rows, requests, queueMs }) => [reason, rows, requests, queueMs]);
    assert.deepEqual(counted.sort(), [
      ['idle', 3, 2, 7],
      ['probe', 1, 1, 7],
    ]);
  });

  test('gets the copy of the smallest call, and one at a time', async () => {
    const { a, b, clock, submit } = await probing();
    submit('2', { rows: 2 });
    submit('1');
    await turns();
    submit('more');
    await turns();
    assert.deepEqual(
      [received(a), received(b)],
      [
        [['x'], ['1']],
        [['x'], ['2', '1'], ['more']],
      ],
    );
    // Nobody has answered the copy: another one after a while.
    clock.advance(1000);
    submit('later');
    await turns();
    assert.deepEqual(received(a).at(-1), ['later']);
  });

  test('is readmitted by the answer to a copy, which counts for the client too', async () => {
    const { a, submit, events } = await probing();
    const call = submit('y');
    await turns();
    a.echo(a.batches[1] as ReceivedBatch);
    await turns();
    assert.deepEqual([call.answer(), events.at(-1)], ['y', 'readmitted a']);
  });

  test('with a copy that fails stays out twice as long, and the client hears nothing of it', async () => {
    const { a, b, clock, submit } = await probing();
    const call = submit('y');
    await turns();
    failAll(a);
    await turns();
    assert.equal(call.settled(), 0);
    b.echo(b.batches.at(-1) as ReceivedBatch);
    await turns();
    assert.equal(call.answer(), 'y');
    for (const [afterMs, batches] of [
      [1999, 2],
      [1, 3],
    ] as const) {
      clock.advance(afterMs);
      submit('z');
      await turns();
      assert.equal(a.batches.length, batches);
    }
  });

  test('does not keep a call that has lost its other replica', async () => {
    const { a, b, c, engine, submit } = await probing({ replicas: { ...both, c: {} } });
    const call = submit('y');
    await turns();
    assert.deepEqual(received(a).at(-1), ['y']);
    engine.loseReplica('b');
    await turns();
    assert.equal(engine.waiting, 1);
    assert.deepEqual(received(b).at(-1), ['y']);
    c.echo((await granted(c)) as ReceivedBatch);
    await turns();
    assert.deepEqual([call.answer(), call.settled()], ['y', 1]);
  });

  test('does not keep a call that its other replica bounced or refused', async () => {
    for (const refuse of [
      (b: FakeReplica) => b.bounce(b.batches.at(-1) as ReceivedBatch),
      (b: FakeReplica) =>
        b.answer(b.batches.at(-1)?.id as number, { 0: { code: status.UNAVAILABLE, message: '', requestId: '' } }),
    ]) {
      const { b, c, submit } = await probing({ replicas: { ...both, c: {} } });
      const call = submit('y');
      await turns();
      refuse(b);
      await turns();
      c.grant('1');
      await turns();
      const served = [...b.batches.slice(2), ...c.batches];
      assert.deepEqual(served.map(texts), [['y']]);
      assert.equal(call.settled(), 0);
    }
  });
});

test('a replica that became much slower than the others gets a copy once a second, and its share when it has recovered', async () => {
  const { a, b, clock, submit } = await startMesh({ config, replicas: { a: {}, b: warmup(90, 1) } });
  for (let instance = 0; instance < 9; instance += 1) {
    a.grant('1', instance);
    b.grant('1', instance);
  }
  await turns();
  const serve = async (text: string): Promise<void> => {
    submit(text);
    await turns();
    a.echo(a.batches.at(-1) as ReceivedBatch);
    await turns();
  };
  await serve('1');
  await serve('2');
  assert.deepEqual([received(a), received(b)], [[['1'], ['2']], [['1']]]);
  clock.advance(1000);
  await serve('3');
  assert.deepEqual(received(b), [['1'], ['3']]);
  for (const batch of b.batches) b.answer(batch.id, { 0: 'late' }, { computeMs: 10 });
  await turns();
  await serve('4');
  assert.deepEqual(received(b).slice(2), []);
});
