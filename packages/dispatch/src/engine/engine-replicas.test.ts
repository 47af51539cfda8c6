// What the engine does when replicas come, change and go; dispatching itself is in engine.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeReplica, type ReceivedBatch } from '../testing/fake-replica.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';

/** An engine with replicas `a` and `b` that both serve `m`; neither has granted yet. */
async function withTwoReplicas() {
  const started = startEngine();
  const [a, b] = [new FakeReplica(), new FakeReplica()];
  started.engine.updateReplica('a', replicaState([version('m', '1')], { replicaId: 'a' }), a.open);
  started.engine.updateReplica('b', replicaState([version('m', '1')], { replicaId: 'b' }), b.open);
  await turns();
  return { ...started, a, b };
}

async function granted(replica: FakeReplica, number = '1'): Promise<ReceivedBatch> {
  replica.grant(number);
  await turns();
  return replica.batches.at(-1) as ReceivedBatch;
}

const texts = (batch: ReceivedBatch | undefined) => batch?.items.map(({ payload }) => payload.toString());

describe('calls of a lost replica', () => {
  // Both streams of a dead process break, in either order.
  const ways = {
    'its attach stream breaks': (a: FakeReplica) => a.lose(),
    'its report ends': (_a: FakeReplica, lose: () => void) => lose(),
    'its attach stream breaks, then its report ends': (a: FakeReplica, lose: () => void) => (a.lose(), lose()),
    'its report ends, then its attach stream breaks': (a: FakeReplica, lose: () => void) => (lose(), a.lose()),
  };
  for (const [way, lose] of Object.entries(ways)) {
    test(`are sent once more to another, and are INTERNAL at the second loss (${way})`, async () => {
      const { engine, submit, a, b } = await withTwoReplicas();
      const call = submit('x');
      await granted(a);
      lose(a, () => engine.loseReplica('a'));
      await turns();
      assert.equal(call.answer(), undefined);
      assert.deepEqual(texts(await granted(b)), ['x']);
      lose(b, () => engine.loseReplica('b'));
      await turns();
      assert.equal(call.answer(), 'INTERNAL two replicas were lost while they worked on this request');
      assert.deepEqual([call.settled(), engine.waiting], [1, 0]);
    });
  }

  test('that were answered before the loss are not sent again', async () => {
    const { submit, a, b } = await withTwoReplicas();
    const [answered, lost] = [submit('x'), submit('y')];
    const { id } = await granted(a);
    a.answer(id, { 0: 'X' }, { last: false });
    a.lose();
    await turns();
    assert.deepEqual(texts(await granted(b)), ['y']);
    b.echo(b.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([answered.answer(), lost.answer(), answered.settled()], ['X', 'y', 1]);
  });

  test('go before those that came later, each alone: one of them may be what kills replicas', async () => {
    const { submit, a, b } = await withTwoReplicas();
    for (const suspect of ['x', 'y']) submit(suspect);
    await granted(a);
    for (const later of ['1', '2']) submit(later);
    a.lose();
    await turns();
    const alone = await granted(b);
    assert.deepEqual(texts(alone), ['x']);
    // One suspect at a time: the others go on meanwhile.
    assert.deepEqual(texts(await granted(b)), ['1', '2']);
    b.echo(alone);
    await turns();
    assert.deepEqual(texts(await granted(b)), ['y']);
  });

  test('are UNAVAILABLE when no other has the model', async () => {
    const { engine, submit, a } = await withTwoReplicas();
    engine.loseReplica('b');
    const call = submit('x');
    await granted(a);
    engine.loseReplica('a');
    await turns();
    assert.match(call.answer() ?? '', /^UNAVAILABLE .*its replica is not connected$/);
  });
});

describe('an attach stream that breaks alone', () => {
  test('is opened again, while the replica goes on reporting', async () => {
    const { submit, clock, a, b } = await withTwoReplicas();
    a.lose();
    await turns();
    assert.equal(a.attached.length, 1);
    clock.advance(200);
    await turns();
    assert.equal(a.attached.length, 2);
    submit('x');
    assert.deepEqual(texts(await granted(a)), ['x']);
    assert.equal(b.batches.length, 0);
  });

  test('is told with the reason, and opened more and more seldom until a credit comes', async () => {
    const { clock, detached, a } = await withTwoReplicas();
    const opens: number[] = [];
    for (const waitMs of [200, 400, 800]) {
      a.lose();
      await turns();
      clock.advance(waitMs - 1);
      opens.push(a.attached.length);
      clock.advance(1);
      await turns();
    }
    assert.deepEqual(opens, [1, 2, 3]);
    assert.equal(detached.length, 3);
    assert.match(detached[0] ?? '', /^m: ./);
    await granted(a);
    a.lose();
    await turns();
    clock.advance(200);
    await turns();
    assert.equal(a.attached.length, 5);
  });

  test('of a replica that drains is neither told nor opened again', async () => {
    const { engine, clock, detached, a } = await withTwoReplicas();
    engine.updateReplica('a', replicaState([version('m', '1')], { replicaId: 'a', draining: true }), a.open);
    a.lose();
    await turns();
    clock.advance(10_000);
    await turns();
    assert.deepEqual([a.attached.length, detached], [1, []]);
  });

  test('takes its credits with it', async () => {
    const { submit, clock, a } = await withTwoReplicas();
    await granted(a);
    a.lose();
    clock.advance(200);
    submit('x');
    await turns();
    assert.equal(a.batches.length, 0);
  });
});

describe('a replica that comes back', () => {
  test('is attached to again and serves', async () => {
    const { engine, submit, a } = await withTwoReplicas();
    engine.loseReplica('a');
    engine.loseReplica('b');
    assert.throws(() => submit('x'), /its replica is not connected/);
    engine.updateReplica('a', replicaState([version('m', '1')], { replicaId: 'new' }), a.open);
    await turns();
    const call = submit('x');
    a.echo(await granted(a));
    await turns();
    assert.equal(call.answer(), 'x');
  });
});

describe('a version that unloads', () => {
  test('gives what waits to the newest READY version, unless it was asked for by number', async () => {
    const { engine, clock, submit } = startEngine();
    const replica = new FakeReplica();
    const report = (state: 'MODEL_STATE_READY' | 'MODEL_STATE_UNLOADING'): void =>
      engine.updateReplica('a', replicaState([version('m', '1'), version('m', '2', { state })]), replica.open);
    report('MODEL_STATE_READY');
    const [any, named] = [submit('any', { deadlineMs: 100 }), submit('named', { version: '2' })];
    const second = submit('second');
    report('MODEL_STATE_UNLOADING');
    assert.equal(named.answer(), "UNAVAILABLE model 'm' version 2 is not at ready state: UNLOADING");
    assert.deepEqual(texts(await granted(replica))?.sort(), ['any', 'second']);
    replica.bounce(replica.batches[0] as ReceivedBatch);
    await turns();
    clock.advance(100);
    assert.match(any.answer() ?? '', /^DEADLINE_EXCEEDED/);
    assert.equal(second.settled(), 0);
  });

  test('still answers what it computes', async () => {
    const { engine, submit } = startEngine();
    const replica = new FakeReplica();
    engine.updateReplica('a', replicaState([version('m', '1')]), replica.open);
    const call = submit('x');
    const batch = await granted(replica);
    engine.updateReplica('a', replicaState([version('m', '1', { state: 'MODEL_STATE_UNLOADING' })]), replica.open);
    await turns();
    replica.echo(batch);
    await turns();
    assert.equal(call.answer(), 'x');
  });

  test('bounces what crossed its unloading, which then goes to another version', async () => {
    const { engine, submit } = startEngine();
    const replica = new FakeReplica();
    const report = (state: 'MODEL_STATE_READY' | 'MODEL_STATE_UNLOADING'): void =>
      engine.updateReplica('a', replicaState([version('m', '1'), version('m', '2', { state })]), replica.open);
    report('MODEL_STATE_READY');
    const call = submit('x');
    const crossed = await granted(replica, '2');
    report('MODEL_STATE_UNLOADING');
    replica.bounce(crossed);
    await turns();
    const batch = await granted(replica, '1');
    assert.equal(batch.version, '1');
    replica.echo(batch);
    await turns();
    assert.equal(call.answer(), 'x');
  });
});

test('a model that a replica has no more is detached from, and its calls go elsewhere', async () => {
  const { engine, submit, a, b } = await withTwoReplicas();
  const call = submit('x');
  await granted(a);
  engine.updateReplica('a', replicaState([], { replicaId: 'a' }), a.open);
  await turns();
  assert.equal(a.closed, 1);
  b.echo(await granted(b));
  await turns();
  assert.equal(call.answer(), 'x');
});

test('a replica that drains gets nothing new, and what it computes is answered', async () => {
  const { engine, submit, a, b } = await withTwoReplicas();
  const first = submit('x');
  const batch = await granted(a);
  a.grant('1');
  const state = replicaState([version('m', '1', { state: 'MODEL_STATE_UNLOADING' })], { draining: true });
  engine.updateReplica('a', state, a.open);
  await turns();
  const second = submit('y');
  await turns();
  assert.equal(a.batches.length, 1);
  a.echo(batch);
  b.echo(await granted(b));
  await turns();
  assert.deepEqual([first.answer(), second.answer()], ['x', 'y']);
});

test('a model that a second service begins to claim is given up, and served again when the claim is gone', async () => {
  const { engine, submit, a, b } = await withTwoReplicas();
  const waiting = submit('x');
  const claim = replicaState([version('m', '1')], { service: 'nlp' });
  engine.updateReplica('b', claim, b.open);
  assert.equal(waiting.answer(), "UNAVAILABLE model 'm' is claimed by the services custom and nlp");
  engine.updateReplica('b', replicaState([], { service: 'nlp' }), b.open);
  await turns();
  const call = submit('y');
  a.echo(await granted(a));
  await turns();
  assert.equal(call.answer(), 'y');
});

test('a method that the model does not serve is INVALID_ARGUMENT and says what it serves', () => {
  const { engine, submit } = startEngine();
  const replica = new FakeReplica();
  const methods = ['/weft.nlp.v1.NlpService/Embed'];
  engine.updateReplica('a', replicaState([version('m', '1', { methods }), version('raw', '1')]), replica.open);
  assert.throws(() => submit('x', { method: '/weft.nlp.v1.NlpService/Classify' }), {
    code: 'INVALID_ARGUMENT',
    message: "model 'm' does not serve /weft.nlp.v1.NlpService/Classify; it serves /weft.nlp.v1.NlpService/Embed",
  });
  assert.throws(() => submit('x', { model: 'raw', method: '/weft.nlp.v1.NlpService/Embed' }), {
    message:
      "model 'raw' does not serve /weft.nlp.v1.NlpService/Embed; it serves /inference.GRPCInferenceService/ModelInfer",
  });
});

test('an engine that stops answers what waits and what is computed with UNAVAILABLE', async () => {
  const { engine, submit, a, b } = await withTwoReplicas();
  const computed = submit('x');
  await granted(a);
  const waiting = submit('y');
  engine.stop();
  await turns();
  assert.match(computed.answer() ?? '', /^UNAVAILABLE /);
  assert.match(waiting.answer() ?? '', /^UNAVAILABLE /);
  assert.deepEqual([a.closed, b.closed, engine.waiting], [1, 1, 0]);
});
