// Requests that cost much more than others of their method: their replicas are slow to answer, and do not hang.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReceivedBatch } from '../testing/fake-replica.ts';
import { granted, parameter, startMesh, texts, warmup } from '../testing/start-mesh.ts';
import { turns } from '../testing/start-engine.ts';

const config = parameter('policy', 'greedy');
/** Like pages of six lines. */
const page = warmup(200, 5);

async function start(replicas: NonNullable<Parameters<typeof startMesh>[0]>['replicas'] = { a: page, b: page }) {
  const mesh = await startMesh({ config, replicas });
  /** Sends one to `a`, which answers after so long. */
  const answeredAfter = async (ms: number): Promise<void> => {
    mesh.submit('heavy');
    const batch = (await granted(mesh.a)) as ReceivedBatch;
    mesh.clock.advance(ms);
    mesh.a.answer(batch.id, { 0: 'done' }, { computeMs: ms });
    await turns();
  };
  return { ...mesh, answeredAfter };
}

describe('a request that takes ten times longer than most', () => {
  test('ejects nobody once one like it was answered', async () => {
    const { answeredAfter, events } = await start({ a: page });
    await answeredAfter(1900);
    await answeredAfter(4000);
    await answeredAfter(10_000);
    assert.deepEqual(events, []);
  });

  test('that is sent again, as the first of its kind, does not eject the second replica when the first answers', async () => {
    const { a, b, clock, submit, events } = await start();
    const calls = [submit('x', { rows: 4 }), submit('y', { rows: 4 })];
    const [first] = [await granted(a), await granted(b)];
    assert.deepEqual(
      [a, b].map((replica) => replica.batches.map(texts)),
      [[['x']], [['y']]],
    );
    clock.advance(1900);
    a.answer(first?.id ?? 0, { 0: 'done' }, { computeMs: 1900 });
    await turns();
    // Planned were 220 ms; `b` would be overdue at 2 s.
    clock.advance(8000);
    await turns();
    assert.deepEqual([events, calls.map((call) => call.settled())], [[], [1, 0]]);
  });

  test('has its time from when it begins: not while one before it runs', async () => {
    const { a, clock, submit, events } = await start();
    submit('x', { rows: 4 });
    await granted(a);
    submit('y', { rows: 4 });
    clock.advance(1900);
    const second = (await granted(a)) as ReceivedBatch;
    assert.deepEqual(texts(second), ['y']);
    a.bounce(a.batches[0] as ReceivedBatch);
    await turns();
    clock.advance(1999);
    assert.deepEqual(events, []);
    clock.advance(1);
    assert.deepEqual(events.slice(0, 1), ['ejected a: a batch of 4 rows takes over 2000 ms']);
  });
});

describe('a request of more rows than the largest batch', () => {
  test('tells its replica all of them, and is expected to take as many runs', async () => {
    const { a, submit, dispatched, engine } = await start({ a: page });
    const rows = 4000;
    submit('x'.repeat(rows), { rows });
    const batch = (await granted(a)) as ReceivedBatch;
    assert.deepEqual([batch.items.map((item) => item.rows), dispatched[0]?.rows], [[rows], rows]);
    // A thousand runs of 220 ms.
    assert.throws(() => submit('y', { deadlineMs: 210_000 }), { code: 'RESOURCE_EXHAUSTED' });
    submit('y', { deadlineMs: 230_000 });
    assert.equal(engine.waiting, 1);
  });

  test('costs its tenant as much as so many small ones', async () => {
    const { a, submit } = await start({ a: page });
    submit('x'.repeat(40), { rows: 40, tenant: 'large' });
    for (let call = 0; call < 12; call += 1) submit('s', { rows: 4, tenant: 'small' });
    submit('L', { rows: 4, tenant: 'large' });
    const served: string[] = [];
    for (let instance = 0; instance < 12; instance += 1) served.push(...(texts(await granted(a, instance)) ?? []));
    assert.ok(served.lastIndexOf('L') > 9 || !served.includes('L'), served.join());
  });
});

test('a batch behind one that hangs is overdue with it', async () => {
  const { a, b, clock, submit } = await start();
  submit('x', { rows: 4 });
  await granted(a);
  clock.advance(1000);
  submit('y', { rows: 4 });
  await granted(a);
  clock.advance(1000);
  b.grant('1');
  await turns();
  b.echo(b.batches[0] as ReceivedBatch);
  b.grant('1');
  await turns();
  assert.deepEqual(b.batches.map(texts), [['x']]);
  clock.advance(1000);
  await turns();
  assert.deepEqual(b.batches.map(texts), [['x'], ['y']]);
});

test('an answer that comes a moment before the deadline counts, however far the replica is', async () => {
  const { a, clock, submit } = await start({ a: page });
  for (let call = 0; call < 20; call += 1) {
    submit('far');
    const { id } = (await granted(a)) as ReceivedBatch;
    clock.advance(250);
    a.answer(id, { 0: 'done' }, { computeMs: 200 });
    await turns();
  }
  const served = a.batches.length;
  for (const instance of [0, 1]) a.grant('1', instance);
  await turns();
  const [answered, late] = [500, 501].map((ms) => submit('x', { rows: 4, deadlineMs: clock.now() + ms }));
  await turns();
  clock.advance(497);
  a.answer(a.batches[served]?.id ?? 0, { 0: 'in time' }, { computeMs: 300 });
  await turns();
  assert.deepEqual([answered?.answer(), late?.settled()], ['in time', 0]);
  clock.advance(2);
  assert.match(late?.answer() ?? '', /^DEADLINE_EXCEEDED .* its replica had it for 499 ms without an answer$/);
});
