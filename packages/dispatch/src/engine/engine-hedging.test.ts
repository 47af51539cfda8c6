// Calls that are sent a second time, because their replica takes too long or answers UNAVAILABLE. What becomes of such a
// replica: engine-ejection.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { FakeReplica, ReceivedBatch } from '../testing/fake-replica.ts';
import { granted, parameter, startMesh, texts } from '../testing/start-mesh.ts';
import { type SubmittedCall, turns } from '../testing/start-engine.ts';

const hedging = parameter('hedge_ms', '50');
const both = { a: {}, b: {} };

function failure(code: status, message = 'no') {
  return { code, message, requestId: '' };
}

function fail(replica: FakeReplica, code: status, batch = replica.batches.at(-1) as ReceivedBatch): void {
  replica.answer(batch.id, Object.fromEntries(batch.items.map((_, index) => [index, failure(code)])));
}

/** The positions that a replica was told to cancel, of its newest batch. */
function cancelled(replica: FakeReplica): number[] {
  const newest = replica.batches.at(-1)?.id;
  return replica.cancels.filter(({ batchId }) => batchId === newest).flatMap(({ items }) => items);
}

/** A call that replica `a` has for the hedging time already; `b` gets nothing yet. */
async function overHedge(more: Parameters<typeof startMesh>[0] = {}, fields = {}) {
  const mesh = await startMesh({ config: hedging, replicas: both, ...more });
  const call = mesh.submit('x', fields);
  await granted(mesh.a);
  mesh.clock.advance(50);
  await turns();
  return { ...mesh, call };
}

describe('a call that takes longer than the hedging time', () => {
  test('is sent to another replica as well; the first answer counts and the other replica is told', async () => {
    const { a, b, call, events, engine } = await overHedge();
    assert.deepEqual([events, engine.waiting], [['again hedge'], 1]);
    assert.equal(await granted(a, 1), undefined);
    assert.deepEqual(texts(await granted(b)), ['x']);
    b.answer(b.batches[0]?.id as number, { 0: 'from b' });
    await turns();
    assert.deepEqual([call.answer(), cancelled(a), cancelled(b)], ['from b', [0], []]);
    a.echo(a.batches[0] as ReceivedBatch);
    await turns();
    assert.equal(call.settled(), 1);
  });

  test('is not sent again when the first replica answers while it waits', async () => {
    const { a, b, call, engine } = await overHedge();
    a.echo(a.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([call.answer(), engine.waiting], ['x', 0]);
    assert.equal(await granted(b), undefined);
  });

  test('is sent a second time once, and only without its mates that were answered', async () => {
    const { a, b, clock, submit, events } = await startMesh({ config: hedging, replicas: both });
    const [answered, slow] = [submit('x'), submit('y')];
    const { id } = (await granted(a)) as ReceivedBatch;
    a.answer(id, { 0: 'X' }, { last: false });
    await turns();
    clock.advance(50);
    assert.deepEqual(texts(await granted(b)), ['y']);
    clock.advance(10_000);
    await turns();
    assert.deepEqual(
      events.filter((event) => event.startsWith('again')),
      ['again hedge'],
    );
    b.echo(b.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([answered.answer(), slow.answer(), slow.settled()], ['X', 'y', 1]);
  });

  test('stays where it is without another replica', async () => {
    const { engine, events } = await overHedge({ replicas: { a: {} } });
    assert.deepEqual([engine.waiting, events], [0, []]);
  });

  test('and is dropped from the queue gets the answer of the first replica', async () => {
    const { a, call, clock, engine } = await overHedge({}, { deadlineMs: 100 });
    clock.advance(45);
    assert.deepEqual([engine.waiting, call.settled()], [0, 0]);
    a.echo(a.batches[0] as ReceivedBatch);
    await turns();
    assert.equal(call.answer(), 'x');
  });

  test('and makes room in a full queue gets the answer of the first replica', async () => {
    const { a, call, submit, engine, events } = await overHedge({ engine: { maxQueueSize: 1 } }, { priority: 3 });
    submit('high', { priority: 1 });
    assert.deepEqual([engine.waiting, call.settled(), events], [1, 0, ['again hedge']]);
    a.echo(a.batches[0] as ReceivedBatch);
    await turns();
    assert.equal(call.answer(), 'x');
  });

  test('outlives the loss of either replica', async () => {
    for (const lost of ['a', 'b'] as const) {
      const { call, engine, ...mesh } = await overHedge();
      await granted(mesh.b);
      engine.loseReplica(lost);
      await turns();
      assert.deepEqual([call.settled(), engine.waiting], [0, 0]);
      const left = mesh[lost === 'a' ? 'b' : 'a'];
      left.echo(left.batches[0] as ReceivedBatch);
      await turns();
      assert.equal(call.answer(), 'x');
    }
  });

  test('is failed by neither replica alone for a reason of that replica', async () => {
    for (const code of [status.INTERNAL, status.UNAVAILABLE]) {
      const { a, b, call } = await overHedge();
      await granted(b);
      fail(b, code);
      await turns();
      assert.equal(call.settled(), 0);
      fail(a, status.INTERNAL);
      await turns();
      assert.deepEqual([call.answer(), call.settled()], ['INTERNAL no', 1]);
    }
  });

  test('is answered by what either replica says of the call itself', async () => {
    const { a, b, call } = await overHedge();
    await granted(b);
    fail(b, status.INVALID_ARGUMENT);
    await turns();
    assert.deepEqual([call.answer(), cancelled(a)], ['INVALID_ARGUMENT no', [0]]);
  });
});

test('no more than a fifth of the calls, and ten, are sent a second time', async () => {
  const { a, clock, submit, events } = await startMesh({ config: hedging, replicas: both });
  for (let call = 0; call < 60; call += 1) submit('x');
  for (let batch = 0; batch < 15; batch += 1) await granted(a, batch);
  clock.advance(50);
  assert.equal(events.filter((event) => event === 'again hedge').length, 12 + 10);
});

test('a hedging time that the configuration changes counts for what is sent from then on', async () => {
  const { a, clock, submit, events, report } = await startMesh({ config: hedging, replicas: both });
  report('a', parameter('hedge_ms', '20'));
  submit('x');
  await granted(a);
  clock.advance(20);
  assert.deepEqual(events, ['again hedge']);
});

describe('giving up tells where the call was:', () => {
  test('queued, sent, or nowhere any more', async () => {
    const { a, submit, engine } = await startMesh({ config: parameter('policy', 'greedy') });
    const [queued, sent, answered] = [submit('x'), submit('y'), submit('z')];
    assert.equal(queued.pending.cancel(), 'queued');
    const batch = (await granted(a)) as ReceivedBatch;
    a.answer(batch.id, { 1: 'Z' }, { last: false });
    await turns();
    assert.deepEqual(
      [sent.pending.cancel(), answered.pending.cancel(), queued.pending.cancel()],
      ['sent', undefined, undefined],
    );
    await turns();
    assert.deepEqual([cancelled(a), engine.waiting, sent.settled()], [[0], 0, 0]);
  });

  test('sent, when a replica has it and it waits for another', async () => {
    const { a, b, call, engine } = await overHedge();
    assert.equal(call.pending.cancel(), 'sent');
    await turns();
    assert.deepEqual([cancelled(a), engine.waiting], [[0], 0]);
    assert.equal(await granted(b), undefined);
  });

  test('both replicas that have it are told', async () => {
    const { a, b, call } = await overHedge();
    await granted(b);
    call.pending.cancel();
    await turns();
    assert.deepEqual([cancelled(a), cancelled(b)], [[0], [0]]);
  });
});

describe('a call that a replica answers UNAVAILABLE', () => {
  /** Answers of `a` to a call that it gets first. */
  async function refused(code: status, fields = {}) {
    const mesh = await startMesh({ replicas: both });
    const call = mesh.submit('x', fields);
    await granted(mesh.a);
    fail(mesh.a, code);
    await turns();
    return { ...mesh, call };
  }

  test('is sent to another one, and answered UNAVAILABLE when that refuses too', async () => {
    const { a, b, call, events } = await refused(status.UNAVAILABLE);
    assert.deepEqual([call.settled(), events], [0, ['again failed']]);
    assert.equal(await granted(a, 1), undefined);
    assert.deepEqual(texts(await granted(b)), ['x']);
    fail(b, status.UNAVAILABLE);
    await turns();
    assert.deepEqual([call.answer(), call.settled(), events.length], ['UNAVAILABLE no', 1, 1]);
  });

  test('is answered so when there is no other one', async () => {
    const { a, submit, engine } = await startMesh();
    const call: SubmittedCall = submit('x');
    await granted(a);
    fail(a, status.UNAVAILABLE);
    await turns();
    assert.deepEqual([call.answer(), engine.waiting], ['UNAVAILABLE no', 0]);
  });

  test('does not take its mates along', async () => {
    const { a, b, submit } = await startMesh({ replicas: both });
    const [refusedOne, mate] = [submit('x'), submit('y')];
    const { id } = (await granted(a)) as ReceivedBatch;
    a.answer(id, { 0: failure(status.UNAVAILABLE), 1: 'Y' });
    await turns();
    assert.deepEqual([refusedOne.settled(), mate.answer()], [0, 'Y']);
    assert.deepEqual(texts(await granted(b)), ['x']);
  });

  test('is sent again as far as the budget goes', async () => {
    const { a, submit, events } = await startMesh({ replicas: both });
    const calls = Array.from({ length: 40 }, () => submit('x'));
    for (let batch = 0; batch < 10; batch += 1) await granted(a, batch);
    for (const batch of a.batches) fail(a, status.UNAVAILABLE, batch);
    await turns();
    const failed = calls.filter((call) => call.answer() === 'UNAVAILABLE no').length;
    assert.deepEqual([failed, events.filter((event) => event === 'again failed').length], [22, 18]);
  });

  test('INTERNAL is not sent again, nor is anything else', async () => {
    for (const [code, name] of [
      [status.INTERNAL, 'INTERNAL'],
      [status.RESOURCE_EXHAUSTED, 'RESOURCE_EXHAUSTED'],
      [status.INVALID_ARGUMENT, 'INVALID_ARGUMENT'],
    ] as const) {
      const { call, events } = await refused(code);
      assert.deepEqual([call.answer(), events], [`${name} no`, []]);
    }
  });
});
