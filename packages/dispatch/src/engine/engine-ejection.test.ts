// Replicas that fail more than the others: they get nothing but copies until they are well again. Those that hang are in
// engine-hanging.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { FakeReplica, ReceivedBatch } from '../testing/fake-replica.ts';
import { granted, parameter, startMesh, texts } from '../testing/start-mesh.ts';
import { turns } from '../testing/start-engine.ts';

type Mesh = Awaited<ReturnType<typeof startMesh>>;

const both = { a: {}, b: {} };
/** Tests let no time pass between calls: any other policy would see a crowd. */
const config = parameter('policy', 'greedy');
const broken = { code: status.INTERNAL, message: 'broken', requestId: '' };

function failAll(replica: FakeReplica, { id, items } = replica.batches.at(-1) as ReceivedBatch): void {
  replica.answer(id, Object.fromEntries(items.map((_, index) => [index, broken])));
}

/** Lets both work in turn: what `a` gets fails, what `b` gets is answered. */
async function failAtA({ a, b, clock, submit }: Mesh, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    clock.advance(1);
    submit('to a');
    failAll(a, await granted(a));
    submit('to b');
    b.answer((await granted(b))?.id as number, { 0: 'b' }, { computeMs: 10 });
    await turns();
  }
}

describe('a replica that fails more than the others', () => {
  test('is ejected at the fifth failure, and gets nothing more', async () => {
    const mesh = await startMesh({ config, replicas: both });
    await failAtA(mesh, 4);
    assert.deepEqual(mesh.events, []);
    await failAtA(mesh, 1);
    assert.deepEqual(mesh.events, ['ejected a: it fails more than the others']);
    const { a, b, submit } = mesh;
    submit('y');
    assert.equal(await granted(a, 9), undefined);
    assert.deepEqual(texts(await granted(b, 9)), ['y']);
  });

  test('is readmitted by a copy that it answers, not by what it was sent before', async () => {
    const mesh = await startMesh({ config, replicas: both });
    const { a, b, clock, submit, events } = mesh;
    submit('early');
    const early = (await granted(a, 5)) as ReceivedBatch;
    await failAtA(mesh, 5);
    a.echo(early);
    await turns();
    assert.deepEqual(events, ['ejected a: it fails more than the others']);
    clock.advance(1000);
    a.grant('1', 6);
    b.grant('1', 6);
    submit('y');
    await turns();
    assert.deepEqual(texts(a.batches.at(-1)), ['y']);
    a.echo(a.batches.at(-1) as ReceivedBatch);
    await turns();
    assert.equal(events.at(-1), 'readmitted a');
  });

  test('is not readmitted by a copy that it gave up before it computed it', async () => {
    const mesh = await startMesh({ config, replicas: both });
    const { a, b, clock, submit, events } = mesh;
    await failAtA(mesh, 5);
    clock.advance(1000);
    a.grant('1', 6);
    b.grant('1', 6);
    submit('y');
    await turns();
    b.echo(b.batches.at(-1) as ReceivedBatch);
    await turns();
    a.answer(a.batches.at(-1)?.id as number, { 0: { code: status.CANCELLED, message: '', requestId: '' } });
    await turns();
    assert.deepEqual(events, ['ejected a: it fails more than the others']);
  });

  test('leaves half of the replicas in, also when the late answer of another one comes', async () => {
    const mesh = await startMesh({ config, replicas: both });
    const { a, b, submit, events } = mesh;
    submit('early');
    const early = (await granted(a, 5)) as ReceivedBatch;
    await failAtA(mesh, 5);
    a.echo(early);
    for (let time = 0; time < 20; time += 1) {
      submit('x');
      failAll(b, await granted(b));
      await turns();
    }
    assert.deepEqual(events, ['ejected a: it fails more than the others']);
  });
});

test('a replica that fails now and then is left in', async () => {
  const { a, b, submit, events } = await startMesh({ config, replicas: both });
  for (let time = 0; time < 60; time += 1) {
    submit('x');
    const { id } = (await granted(a)) ?? { id: 0 };
    a.answer(id, { 0: time % 10 === 9 ? broken : 'X' }, { computeMs: 10 });
    submit('y');
    b.answer((await granted(b))?.id ?? 0, { 0: 'Y' }, { computeMs: 10 });
    await turns();
  }
  assert.deepEqual([a.batches.length, b.batches.length, events], [60, 60, []]);
});

test('one client whose calls fail everywhere ejects nobody', async () => {
  const { a, b, submit, events } = await startMesh({ config, replicas: both });
  for (let time = 0; time < 30; time += 1)
    for (const replica of [a, b]) {
      submit('poison');
      failAll(replica, await granted(replica));
      await turns();
    }
  assert.deepEqual(events, []);
});
