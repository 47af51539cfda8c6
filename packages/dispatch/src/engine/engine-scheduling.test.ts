// When batches leave and who is in them, as the model's configuration wants it. Who is turned away: engine-room.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Clock, ManualClock } from '@weft/flow';
import { granted, parameter, startMesh, texts } from '../testing/start-mesh.ts';
import { turns } from '../testing/start-engine.ts';

const deferred = parameter('policy', 'deferred');

describe('a batch tells why it left', () => {
  test('idle: nothing spoke for waiting', async () => {
    const { a, submit, dispatched } = await startMesh();
    submit('x');
    await granted(a);
    assert.deepEqual([dispatched[0]?.reason, dispatched[0]?.rows], ['idle', 1]);
  });

  test('full: no larger one is possible', async () => {
    const { a, submit, dispatched } = await startMesh();
    for (let call = 0; call < 5; call += 1) submit('x');
    await granted(a);
    assert.deepEqual([dispatched[0]?.reason, dispatched[0]?.rows], ['full', 4]);
  });

  test('target: as many wait as the load asks for', async () => {
    const { a, submit, dispatched, clock } = await startMesh({ replicas: { a: {}, b: {} } });
    const calls = Array.from({ length: 60 }, () => {
      clock.advance(3.25);
      return submit('x').pending;
    });
    for (const pending of calls.slice(3)) pending.cancel();
    await granted(a);
    assert.deepEqual([dispatched[0]?.reason, dispatched[0]?.rows], ['target', 3]);
  });

  test('deadline: it is the latest moment', async () => {
    const { a, submit, dispatched, clock } = await startMesh({ config: deferred });
    submit('x', { deadlineMs: 100 });
    await granted(a);
    // One row more must still fit: 1.06 · 11 ms, 2 ms for the way and as much for the timer.
    clock.advance(84.3);
    assert.equal(dispatched.length, 0);
    clock.advance(0.1);
    assert.deepEqual([dispatched[0]?.reason, dispatched[0]?.rows], ['deadline', 1]);
  });
});

describe('the configuration is obeyed:', () => {
  test('greedy never waits, whatever the load', async () => {
    const { a, submit, dispatched, clock } = await startMesh({ config: parameter('policy', 'greedy') });
    for (let call = 0; call < 60; call += 1) {
      submit('x').pending.cancel();
      clock.advance(5);
    }
    submit('x');
    await granted(a);
    assert.equal(dispatched[0]?.rows, 1);
  });

  test('a queue delay is waited for, a preferred size is not', async () => {
    const config = 'dynamic_batching { max_queue_delay_microseconds: 5000 preferred_batch_size: 2 }';
    const { a, submit, dispatched, clock } = await startMesh({ config });
    submit('x');
    await granted(a);
    clock.advance(4.9);
    assert.equal(dispatched.length, 0);
    clock.advance(0.2);
    assert.deepEqual([dispatched[0]?.reason, dispatched[0]?.rows], ['deadline', 1]);
    for (let call = 0; call < 3; call += 1) submit('x');
    await granted(a, 1);
    assert.deepEqual([dispatched[1]?.reason, dispatched[1]?.rows], ['target', 2]);
  });

  test('an objective is when a request without a deadline is due', async () => {
    const { a, submit, dispatched, clock } = await startMesh({ config: deferred + parameter('slo_ms', '50') });
    submit('x');
    await granted(a);
    clock.advance(34.3);
    assert.equal(dispatched.length, 0);
    clock.advance(0.1);
    assert.equal(dispatched.length, 1);
  });

  test('a change of it holds for those who wait', async () => {
    const { a, submit, dispatched, report } = await startMesh({ config: deferred });
    const calls = [submit('x'), submit('y'), submit('z')];
    await granted(a);
    assert.equal(dispatched.length, 0);
    report('a', parameter('policy', 'greedy'), { maxBatchSize: 2 });
    await turns();
    assert.deepEqual(a.batches.map(texts), [['x', 'y']]);
    await granted(a, 1);
    assert.deepEqual(a.batches.map(texts), [['x', 'y'], ['z']]);
    for (const batch of a.batches) a.echo(batch);
    await turns();
    assert.deepEqual(
      calls.map(({ answer }) => answer()),
      ['x', 'y', 'z'],
    );
  });

  test('a report that changes nothing leaves those who wait as they are', async () => {
    const config = 'dynamic_batching { max_queue_delay_microseconds: 5000 }';
    const { a, submit, dispatched, clock, report } = await startMesh({ config });
    submit('x');
    await granted(a);
    clock.advance(3);
    report('a', config);
    await turns();
    clock.advance(2);
    assert.equal(dispatched[0]?.queueMs, 5);
  });
});

test('a timer that fires a little early is set again', async () => {
  const manual = new ManualClock();
  const early: Clock = {
    now: () => manual.now(),
    setTimer: (ms, wake) => manual.setTimer(ms - Math.min(1.5, ms / 2), wake),
  };
  const { a, submit, dispatched } = await startMesh({ config: deferred, engine: { clock: early } });
  submit('x', { deadlineMs: 100 });
  await granted(a);
  for (let step = 0; step < 200; step += 1) manual.advance(0.45);
  assert.equal(dispatched[0]?.reason, 'deadline');
});

/** What `batches` batches of four hold of each kind, by the first letter. */
async function shares(a: Awaited<ReturnType<typeof startMesh>>['a'], batches: number): Promise<Map<string, number>> {
  for (let batch = 0; batch < batches; batch += 1) await granted(a, batch);
  const counts = new Map<string, number>();
  for (const text of a.batches.flatMap((batch) => texts(batch) ?? [])) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

describe('priorities', () => {
  test('let a later call of a higher class go first; who names none is in the middle', async () => {
    const { a, submit } = await startMesh();
    for (const priority of [3, 0, 2, 1]) submit(`${priority}`, { priority });
    assert.deepEqual(texts(await granted(a)), ['1', '0', '2', '3']);
  });

  test('leave lower classes a twentieth while a higher one takes all it can', async () => {
    const { a, submit } = await startMesh();
    for (let call = 0; call < 500; call += 1) submit('high', { priority: 1 });
    for (let call = 0; call < 100; call += 1) submit('low', { priority: 3 });
    const low = (await shares(a, 100)).get('low') ?? 0;
    assert.ok(low >= 19 && low <= 21, `${low} of 400`);
  });

  test('are as many as the model says', async () => {
    const config = 'dynamic_batching { priority_levels: 5 default_priority_level: 4 }';
    const { a, submit } = await startMesh({ config });
    for (const priority of [0, 6, 5, 3]) submit(`${priority}`, { priority });
    assert.deepEqual(texts(await granted(a)), ['3', '0', '6', '5']);
  });

  test('hold between the methods of a model too', async () => {
    const methods = ['/weft.nlp.v1.NlpService/Embed', '/weft.nlp.v1.NlpService/Rank'] as const;
    const { a, submit } = await startMesh({ replicas: { a: { methods: [...methods] } } });
    for (let call = 0; call < 300; call += 1) {
      submit('high', { method: methods[0], priority: 1 });
      submit('low', { method: methods[1], priority: 3 });
    }
    const low = (await shares(a, 60)).get('low') ?? 0;
    assert.ok(low >= 12 && low <= 16, `${low} of 240`);
  });
});

describe('tenants', () => {
  const tenants = parameter('tenant_weights', 'acme=3, free=1');

  test('share the rows by their weights, whoever sends more', async () => {
    const { a, submit } = await startMesh({ config: tenants });
    for (let call = 0; call < 900; call += 1) submit('free', { tenant: 'free' });
    for (let call = 0; call < 300; call += 1) submit('acme', { tenant: 'acme' });
    const acme = (await shares(a, 60)).get('acme') ?? 0;
    assert.ok(Math.abs(acme - 180) <= 3, `${acme} of 240`);
  });

  test('that are not named weigh 1', async () => {
    const { a, submit } = await startMesh({ config: tenants });
    for (const tenant of ['free', 'other', 'third'])
      for (let call = 0; call < 100; call += 1) submit(tenant, { tenant });
    const counts = [...(await shares(a, 30)).values()];
    assert.ok(
      counts.every((count) => Math.abs(count - 40) <= 1),
      `${counts}`,
    );
  });
});
