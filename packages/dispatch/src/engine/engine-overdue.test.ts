// Calls whose replica seems to hang: which of them travel together to another one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeReplica, type ReceivedBatch } from '../testing/fake-replica.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { granted, startMesh, texts, warmup } from '../testing/start-mesh.ts';
import { replicaState, version } from '../testing/states.ts';

const overdueMs = 2000;

/** Replica `a` has two calls, in one batch that is overdue by now. */
async function hungWithTwo(fields = {}) {
  const mesh = await startMesh({ replicas: { a: {}, b: {}, c: {} } });
  const calls = [mesh.submit('x', fields), mesh.submit('y', fields)];
  assert.deepEqual(texts(await granted(mesh.a)), ['x', 'y']);
  mesh.clock.advance(overdueMs);
  await turns();
  return { ...mesh, calls };
}

describe('calls that a replica keeps', () => {
  test('are sent to another one, each alone and one at a time: one of them may be what hangs it', async () => {
    const { a, b, c, calls } = await hungWithTwo();
    assert.equal(await granted(a, 1), undefined);
    assert.deepEqual(texts(await granted(b)), ['x']);
    assert.equal(await granted(c), undefined);
    b.answer(b.batches[0]?.id ?? 0, { 0: 'x' }, { computeMs: 10 });
    await turns();
    assert.deepEqual(texts(c.batches[0]), ['y']);
    assert.equal(calls[0]?.answer(), 'x');
  });

  test('do not wait for one that hangs the next replica as well, which is not sent again', async () => {
    const { b, c, clock, calls, events } = await hungWithTwo();
    assert.deepEqual(texts(await granted(b)), ['x']);
    clock.advance(overdueMs);
    assert.deepEqual(texts(await granted(c)), ['y']);
    c.answer(c.batches[0]?.id ?? 0, { 0: 'y' }, { computeMs: 10 });
    clock.advance(overdueMs);
    await turns();
    assert.deepEqual(
      calls.map((call) => call.answer()),
      [undefined, 'y'],
    );
    assert.equal(events.filter((event) => event === 'again overdue').length, 2);
  });

  test('are sent to a replica that comes later', async () => {
    const { a, b, clock, submit, report, events } = await startMesh();
    const call = submit('x');
    await granted(a);
    clock.advance(overdueMs + 500);
    report('b', '');
    b.grant('1');
    await turns();
    assert.equal(b.batches.length, 0);
    clock.advance(500);
    await turns();
    assert.deepEqual(texts(b.batches[0]), ['x']);
    b.grant('1', 1);
    clock.advance(1000);
    await turns();
    b.echo(b.batches[0] as ReceivedBatch);
    await turns();
    assert.equal(call.answer(), 'x');
    assert.deepEqual(events, ['ejected a: a batch of 1 rows takes over 2000 ms', 'again overdue']);
  });

  test('are sent again when the budget has filled up', async () => {
    const { a, clock, submit, events } = await startMesh({ replicas: { a: {}, b: {} } });
    for (let row = 0; row < 20; row += 1) submit('x');
    for (let instance = 0; instance < 5; instance += 1) await granted(a, instance);
    const sentAgain = (): number => events.filter((event) => event === 'again overdue').length;
    clock.advance(overdueMs);
    // A fifth of twenty, and ten a second.
    assert.equal(sentAgain(), 14);
    clock.advance(1000);
    assert.equal(sentAgain(), 20);
  });

  test('are sent to one that nobody trusts yet, if there is no other', async () => {
    const { a, b, c, clock, submit } = await startMesh({ replicas: { a: {}, b: {}, c: {} } });
    const first = submit('x');
    await granted(a);
    clock.advance(overdueMs);
    await granted(b);
    clock.advance(overdueMs);
    const second = submit('y');
    await granted(c);
    clock.advance(overdueMs);
    await granted(a, 1);
    await granted(b, 1);
    assert.deepEqual(
      [a, b].map((replica) => replica.batches.map(texts)),
      [[['x'], ['y']], [['x']]],
    );
    a.echo(a.batches[1] as ReceivedBatch);
    await turns();
    assert.deepEqual([first.answer(), second.answer()], [undefined, 'y']);
  });

  test('stay together when there is no time to wait for one that hangs again', async () => {
    const { b } = await hungWithTwo({ deadlineMs: 2 * overdueMs });
    assert.deepEqual(texts(await granted(b)), ['x', 'y']);
  });
});

test('calls that a replica keeps of a version that goes away are drawn again, unless they named it', async () => {
  const { engine, clock, submit } = startEngine();
  const replica = new FakeReplica();
  const report = (first: 'READY' | 'UNLOADING', second: 'LOADING' | 'READY'): void => {
    const states = [first, second].map((state) => ({ state: `MODEL_STATE_${state}` as const, ...warmup(9, 1) }));
    const models = states.map((fields, at) => version('m', String(at + 1), fields));
    engine.updateReplica('a', replicaState(models), replica.open);
  };
  report('READY', 'LOADING');
  await turns();
  const [any, named] = [submit('any'), submit('named', { version: '1' })];
  replica.grant('1');
  await turns();
  report('UNLOADING', 'LOADING');
  clock.advance(overdueMs);
  await turns();
  // There is no other one yet: the version may still answer.
  assert.deepEqual([any.settled(), engine.waiting], [0, 0]);
  report('UNLOADING', 'READY');
  clock.advance(1000);
  replica.grant('2');
  await turns();
  assert.deepEqual(
    replica.batches.map((batch) => [batch.version, texts(batch)]),
    [
      ['1', ['any', 'named']],
      ['2', ['any']],
    ],
  );
  for (const batch of [...replica.batches].reverse()) replica.echo(batch);
  await turns();
  assert.deepEqual([any.answer(), any.settled(), named.answer()], ['any', 1, 'named']);
});
