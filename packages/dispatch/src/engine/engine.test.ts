import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { status } from '@grpc/grpc-js';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { FakeReplica, type ReceivedBatch } from '../testing/fake-replica.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';

/** An engine with one replica that serves these versions and has no credit yet. */
async function withReplica(models: readonly ModelVersion[] = [version('m', '1')], options = {}) {
  const started = startEngine(options);
  const replica = new FakeReplica();
  const report = (now: readonly ModelVersion[], fields = {}): void =>
    started.engine.updateReplica('a', replicaState(now, fields), replica.open);
  report(models);
  await turns();
  return { ...started, replica, report };
}

function payloads(batch: ReceivedBatch | undefined): string[] | undefined {
  return batch?.items.map(({ payload }) => payload.toString());
}

function thrownBy(run: () => unknown): WeftError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof WeftError);
    return error;
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' });
}

describe('dispatch', () => {
  test('waits for a credit, and each credit carries one batch', async () => {
    const { replica, submit } = await withReplica();
    for (let call = 0; call < 6; call++) submit(String(call));
    await turns();
    assert.equal(replica.batches.length, 0);
    replica.grant('1');
    await turns();
    assert.deepEqual(replica.batches.map(payloads), [['0', '1', '2', '3']]);
    replica.grant('1', 3);
    await turns();
    assert.deepEqual(replica.batches.map(payloads), [
      ['0', '1', '2', '3'],
      ['4', '5'],
    ]);
    assert.deepEqual(
      replica.batches.map(({ instance }) => instance),
      [0, 3],
    );
  });

  test('sends calls of one turn together, at once when there is a credit', async () => {
    const { replica, submit, dispatched } = await withReplica();
    replica.grant('1');
    await turns();
    const [first, second] = [submit('a'), submit('b')];
    await turns();
    replica.echo(replica.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([first.answer(), second.answer()], ['a', 'b']);
    const method = '/inference.GRPCInferenceService/ModelInfer';
    assert.deepEqual(dispatched, [{ version: '1', method, rows: 2, requests: 2, queueMs: 0, reason: 'idle' }]);
  });

  test('keeps a batch within the rows of the model, and sends what is larger alone', async () => {
    const { replica, submit } = await withReplica();
    for (const rows of [3, 1, 1, 90, 2]) submit(String(rows), { rows });
    for (let credit = 0; credit < 4; credit++) replica.grant('1');
    await turns();
    assert.deepEqual(replica.batches.map(payloads), [['3', '1'], ['1'], ['90'], ['2']]);
  });

  test('counts a ModelInfer on a model that does not batch as one row, whatever its first dimension', async () => {
    const models = [version('m', '1', { config: { name: 'm', maxBatchSize: 0 }, maxBatchSize: 2 })];
    const { replica, submit } = await withReplica(models);
    submit('a', { rows: 224 });
    submit('b', { rows: 224 });
    replica.grant('1');
    await turns();
    assert.deepEqual(replica.batches.map(payloads), [['a', 'b']]);
    assert.deepEqual(
      replica.batches[0]?.items.map(({ rows }) => rows),
      [1, 1],
    );
  });

  test('never mixes methods in a batch', async () => {
    const methods = ['/weft.nlp.v1.NlpService/Embed', '/weft.nlp.v1.NlpService/Rank'];
    const { replica, submit } = await withReplica([version('m', '1', { methods })]);
    for (const index of [0, 1, 0]) submit(`${index}`, { method: methods[index] as string });
    replica.grant('1');
    replica.grant('1');
    await turns();
    assert.deepEqual(
      replica.batches.map(({ method }) => method),
      methods,
    );
    assert.deepEqual(replica.batches.map(payloads), [['0', '0'], ['1']]);
  });

  test('keeps a batch within the bytes of a batch, and sends what is larger alone', async () => {
    const { replica, submit } = await withReplica(undefined, { maxBatchBytes: 10 });
    for (const size of [6, 4, 1, 20, 1]) submit('x'.repeat(size));
    for (let credit = 0; credit < 4; credit++) replica.grant('1');
    await turns();
    assert.deepEqual(
      replica.batches.map((batch) => payloads(batch)?.map(({ length }) => length)),
      [[6, 4], [1], [20], [1]],
    );
  });

  test('tells the replica what is left of the deadline, not when it is', async () => {
    const { replica, submit, clock } = await withReplica();
    clock.advance(1000);
    submit('a', { deadlineMs: 1050 });
    submit('b', { deadlineMs: 1100 });
    clock.advance(20);
    replica.grant('1');
    await turns();
    submit('c');
    replica.grant('1');
    await turns();
    assert.deepEqual(
      replica.batches.flatMap(({ items }) => items.map(({ timeoutUs }) => timeoutUs)),
      [30_000, 80_000, 0],
    );
  });

  test('hands trace context and tenant on', async () => {
    const { replica, submit } = await withReplica();
    submit('a', { traceparent: '00-a-b-01', tenant: 'team' });
    replica.grant('1');
    await turns();
    const [item] = replica.batches[0]?.items ?? [];
    assert.deepEqual([item?.traceparent, item?.tenant], ['00-a-b-01', 'team']);
  });

  test('prefers the replica that has more credits', async () => {
    const { engine, submit, replica } = await withReplica();
    const other = new FakeReplica();
    engine.updateReplica('b', replicaState([version('m', '1')]), other.open);
    await turns();
    replica.grant('1');
    other.grant('1', 0);
    other.grant('1', 1);
    await turns();
    submit('a');
    await turns();
    assert.deepEqual([replica.batches.length, other.batches.length], [0, 1]);
  });
});

describe('answers', () => {
  test('come in any order, in any number of messages', async () => {
    const { replica, submit } = await withReplica();
    const calls = ['a', 'b', 'c'].map((payload) => submit(payload));
    replica.grant('1');
    await turns();
    const [batch] = replica.batches as [ReceivedBatch];
    replica.answer(batch.id, { 2: 'C' }, { last: false });
    await turns();
    assert.deepEqual(
      calls.map(({ answer }) => answer()),
      [undefined, undefined, 'C'],
    );
    replica.answer(batch.id, { 1: 'B', 0: 'A' });
    await turns();
    assert.deepEqual(
      calls.map(({ answer }) => answer()),
      ['A', 'B', 'C'],
    );
  });

  test('of one item that fails leave its batch-mates alone, and carry code, text and request id', async () => {
    const { replica, submit } = await withReplica();
    const errors: unknown[] = [];
    const failing = submit('a', { settle: (answer) => void errors.push('error' in answer && answer.error) });
    const mate = submit('b');
    replica.grant('1');
    await turns();
    const failure = { code: status.INVALID_ARGUMENT, message: 'no', requestId: 'r1' };
    replica.answer(replica.batches[0]?.id as number, { 0: failure, 1: 'B' });
    await turns();
    assert.equal(mate.answer(), 'B');
    assert.deepEqual(
      errors.map((error) => error instanceof WeftError && [error.code, error.message, error.requestId]),
      [['INVALID_ARGUMENT', 'no', 'r1']],
    );
    assert.equal(failing.pending.settled, true);
  });

  test('of batches overtake each other', async () => {
    const { replica, submit } = await withReplica([version('m', '1', { maxBatchSize: 1 })]);
    const calls = [submit('a'), submit('b')];
    replica.grant('1', 0);
    replica.grant('1', 1);
    await turns();
    replica.echo(replica.batches[1] as ReceivedBatch);
    await turns();
    assert.deepEqual(
      calls.map(({ answer }) => answer()),
      [undefined, 'b'],
    );
    replica.echo(replica.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual(
      calls.map(({ answer }) => answer()),
      ['a', 'b'],
    );
  });

  test('that arrive twice, for unknown batches or for unknown items change nothing', async () => {
    const { replica, submit } = await withReplica();
    const call = submit('a');
    replica.grant('1');
    await turns();
    const { id } = replica.batches[0] as ReceivedBatch;
    replica.answer(id + 1, { 0: 'other' });
    replica.answer(id, { 0: 'A', 9: 'nobody' }, { last: false });
    replica.answer(id, { 0: 'again' });
    replica.answer(id, { 0: 'too late' });
    await turns();
    assert.deepEqual([call.answer(), call.settled()], ['A', 1]);
  });

  test('that the replica leaves out are INTERNAL, not silence', async () => {
    const { replica, submit } = await withReplica();
    const [answered, left] = [submit('a'), submit('b')];
    replica.grant('1');
    await turns();
    replica.answer(replica.batches[0]?.id as number, { 0: 'A' });
    await turns();
    assert.deepEqual([answered.answer(), left.answer()], ['A', 'INTERNAL the replica left this request unanswered']);
  });

  test('in pieces are put together', async () => {
    const { replica, submit } = await withReplica();
    const call = submit('a');
    replica.grant('1');
    await turns();
    replica.answer(replica.batches[0]?.id as number, { 0: 'x'.repeat(9_000_000) });
    await turns();
    assert.equal(call.answer()?.length, 9_000_000);
  });
});

describe('a caller that gives up', () => {
  test('while queued leaves the queue, and its mates are dispatched without it', async () => {
    const { replica, submit, engine } = await withReplica();
    const [first, second, third] = [submit('a'), submit('b'), submit('c')];
    second.pending.cancel();
    assert.equal(engine.waiting, 2);
    replica.grant('1');
    await turns();
    assert.deepEqual(replica.batches.map(payloads), [['a', 'c']]);
    replica.echo(replica.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([first.answer(), third.answer(), second.settled()], ['a', 'c', 0]);
    assert.equal(replica.cancels.length, 0);
  });

  test('while computed is cancelled at the replica, and its mates are answered', async () => {
    const { replica, submit } = await withReplica();
    const [first, second] = [submit('a'), submit('b')];
    replica.grant('1');
    await turns();
    const { id } = replica.batches[0] as ReceivedBatch;
    second.pending.cancel();
    await turns();
    assert.deepEqual(
      replica.cancels.map(({ batchId, items }) => [batchId, [...items]]),
      [[id, [1]]],
    );
    replica.answer(id, { 0: 'A', 1: { code: status.CANCELLED, message: 'the client cancelled', requestId: '' } });
    await turns();
    assert.deepEqual([first.answer(), second.settled()], ['A', 0]);
  });

  test('after its answer cancels nothing', async () => {
    const { replica, submit } = await withReplica();
    const call = submit('a');
    replica.grant('1');
    await turns();
    replica.echo(replica.batches[0] as ReceivedBatch);
    await turns();
    call.pending.cancel();
    await turns();
    assert.equal(replica.cancels.length, 0);
    assert.equal(call.settled(), 1);
  });

  test('is not sent again when its replica is lost', async () => {
    const { replica, submit, clock } = await withReplica();
    const call = submit('a');
    replica.grant('1');
    await turns();
    call.pending.cancel();
    replica.lose();
    await turns();
    clock.advance(1000);
    await turns();
    replica.grant('1');
    await turns();
    assert.equal(replica.batches.length, 1);
    assert.equal(call.settled(), 0);
  });
});

describe('a deadline', () => {
  test('that cannot be met any more in the queue is DEADLINE_EXCEEDED and says how long it queued; mates stay', async () => {
    const { submit, clock, engine, events } = await withReplica();
    const hurried = submit('a', { deadlineMs: 50 });
    const mate = submit('b', { deadlineMs: 80 });
    await turns();
    // The model is thought to take a millisecond.
    clock.advance(48);
    assert.equal(hurried.answer(), undefined);
    clock.advance(2);
    assert.equal(
      hurried.answer(),
      "DEADLINE_EXCEEDED Request timeout expired: the deadline cannot be met any more after 49 ms in the queue of model 'm'",
    );
    assert.equal(mate.answer(), undefined);
    assert.equal(engine.waiting, 1);
    clock.advance(30);
    assert.match(mate.answer() ?? '', /after 79 ms/);
    assert.deepEqual([engine.waiting, events], [0, ['shed deadline', 'shed deadline']]);
  });

  test('of a later call that is earlier is kept too', async () => {
    const { submit, clock } = await withReplica();
    const later = submit('a', { deadlineMs: 500 });
    await turns();
    const earlier = submit('b', { deadlineMs: 30 });
    await turns();
    clock.advance(30);
    assert.deepEqual([later.settled(), earlier.settled()], [0, 1]);
  });

  test('that has passed already is refused at the door', async () => {
    const { submit, clock } = await withReplica();
    clock.advance(100);
    assert.equal(thrownBy(() => submit('a', { deadlineMs: 100 })).code, 'DEADLINE_EXCEEDED');
  });

  test('counts on while a call waits for a second replica', async () => {
    const { replica, submit, clock } = await withReplica();
    const call = submit('a', { deadlineMs: 50 });
    replica.grant('1');
    await turns();
    clock.advance(10);
    replica.bounce(replica.batches[0] as ReceivedBatch);
    await turns();
    clock.advance(40);
    assert.match(call.answer() ?? '', /^DEADLINE_EXCEEDED .* after 49 ms/);
  });
});

describe('a full queue', () => {
  test('sheds with RESOURCE_EXHAUSTED and says when to come again', async () => {
    const { submit, engine } = await withReplica(undefined, { maxQueueSize: 2 });
    submit('a');
    const second = submit('b');
    const error = thrownBy(() => submit('c'));
    assert.deepEqual(
      [error.code, error.message, error.retryAfterMs],
      ['RESOURCE_EXHAUSTED', 'Exceeds maximum queue size', 10],
    );
    assert.equal(engine.waiting, 2);
    second.pending.cancel();
    submit('d');
  });

  test('is full by bytes too', async () => {
    const { submit } = await withReplica(undefined, { maxQueueBytes: 10 });
    submit('x'.repeat(8));
    assert.equal(thrownBy(() => submit('xxx')).code, 'RESOURCE_EXHAUSTED');
    submit('xx');
  });

  test('of one version leaves other models alone', async () => {
    const { submit } = await withReplica([version('m', '1'), version('n', '1')], { maxQueueSize: 1 });
    submit('a');
    assert.equal(thrownBy(() => submit('b')).code, 'RESOURCE_EXHAUSTED');
    submit('c', { model: 'n' });
  });
});

describe('credits', () => {
  test('that the replica takes back carry nothing', async () => {
    const { replica, submit } = await withReplica();
    replica.grant('1', 5);
    replica.takeBack('1', 5);
    await turns();
    submit('a');
    await turns();
    assert.equal(replica.batches.length, 0);
  });

  test('of one version do not carry calls of another', async () => {
    const { replica, submit } = await withReplica([version('m', '1'), version('m', '2')]);
    submit('a', { version: '1' });
    replica.grant('2');
    await turns();
    assert.equal(replica.batches.length, 0);
    replica.grant('1');
    await turns();
    assert.equal(replica.batches[0]?.version, '1');
  });
});

describe('a batch that the replica never began', () => {
  test('goes before all others on the next credit, and does not count as a loss', async () => {
    const { replica, submit } = await withReplica([version('m', '1', { maxBatchSize: 1 })]);
    const calls = [submit('a'), submit('b')];
    for (let bounce = 0; bounce < 5; bounce++) {
      replica.grant('1');
      await turns();
      const batch = replica.batches.at(-1) as ReceivedBatch;
      assert.deepEqual(payloads(batch), ['a']);
      replica.bounce(batch);
      await turns();
    }
    replica.grant('1');
    await turns();
    replica.echo(replica.batches.at(-1) as ReceivedBatch);
    await turns();
    assert.deepEqual(
      calls.map(({ answer }) => answer()),
      ['a', undefined],
    );
  });
});
