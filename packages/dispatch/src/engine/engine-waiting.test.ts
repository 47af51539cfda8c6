// How long calls may wait: a model's queue timeout, or a request's own, bounds the wait and not the answer.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReceivedBatch } from '../testing/fake-replica.ts';
import { granted, parameter, startMesh, texts, warmup } from '../testing/start-mesh.ts';
import { turns } from '../testing/start-engine.ts';

const policy = (text: string): string => `dynamic_batching { default_queue_policy { ${text} } } `;
const limited = 'default_timeout_microseconds: 5000';
const slow = { a: warmup(19, 1) };
const refused =
  /^DEADLINE_EXCEEDED Request timeout expired: it may wait no longer after 5 ms in the queue of model 'm'$/;

describe('a call that may wait 5 ms', () => {
  test('of a model that takes 20 ms is answered', async () => {
    for (const wait of ['', parameter('policy', 'deferred')]) {
      const { a, clock, submit, events } = await startMesh({ config: policy(limited) + wait, replicas: slow });
      a.grant('1');
      await turns();
      const call = submit('x', { deadlineMs: 10_000 });
      await turns();
      clock.advance(4);
      await turns();
      assert.deepEqual(a.batches.map(texts), [['x']]);
      assert.ok((a.batches[0]?.items[0]?.timeoutUs ?? 0) > 9_000_000);
      clock.advance(20);
      a.echo(a.batches[0] as ReceivedBatch);
      await turns();
      assert.deepEqual([call.answer(), events], ['x', []]);
    }
  });

  test('is refused when no replica took it, and not before', async () => {
    const { a, clock, submit, engine, events } = await startMesh({ config: policy(limited), replicas: slow });
    const call = submit('x');
    clock.advance(4.9);
    assert.equal(call.settled(), 0);
    clock.advance(0.1);
    assert.match(call.answer() ?? '', refused);
    assert.deepEqual([engine.waiting, events], [0, ['shed deadline']]);
    assert.equal(await granted(a), undefined);
  });

  test('waits on when its timeout delays, before those that may wait longer', async () => {
    const delaying = policy(`${limited} timeout_action: DELAY allow_timeout_override: true`);
    const config = delaying + parameter('policy', 'greedy');
    const { a, clock, submit } = await startMesh({ config, replicas: slow });
    submit('5', { rows: 4 });
    submit('2', { rows: 4, timeoutMs: 2, deadlineMs: 10_000 });
    clock.advance(500);
    assert.deepEqual([texts(await granted(a)), texts(await granted(a, 1))], [['2'], ['5']]);
  });

  test('is not refused once a replica had it', async () => {
    const { a, clock, submit } = await startMesh({ config: policy(limited), replicas: slow });
    const call = submit('x');
    const batch = (await granted(a)) as ReceivedBatch;
    clock.advance(10);
    a.crash(batch);
    await turns();
    clock.advance(10);
    a.echo((await granted(a)) as ReceivedBatch);
    await turns();
    assert.equal(call.answer(), 'x');
  });

  test('leaves no timer behind when its client gives up', async () => {
    const { clock, submit, events } = await startMesh({ config: policy(limited), replicas: slow });
    submit('x').pending.cancel();
    clock.advance(10);
    assert.deepEqual(events, []);
  });
});

test('a request’s own timeout counts where the model allows it, and bounds the wait alone', async () => {
  const { a, clock, submit } = await startMesh({ replicas: slow });
  const [served, waiting] = [submit('x', { timeoutMs: 5, rows: 4 }), submit('y', { timeoutMs: 5, rows: 4 })];
  const batch = (await granted(a)) as ReceivedBatch;
  clock.advance(20);
  a.echo(batch);
  await turns();
  assert.equal(served.answer(), 'x');
  assert.match(waiting.answer() ?? '', refused);
});
