// Who is turned away at the door, and who makes room when the queue is full.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { encodeDrain } from '@weft/rpc';
import type { FakeReplica } from '../testing/fake-replica.ts';
import { granted, parameter, startMesh, texts } from '../testing/start-mesh.ts';
import type { SubmittedCall } from '../testing/start-engine.ts';
import { turns } from '../testing/start-engine.ts';

const full = 'RESOURCE_EXHAUSTED Exceeds maximum queue size';

function thrownBy(run: () => unknown): WeftError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof WeftError) return error;
  }
  return undefined;
}

function answers(calls: readonly SubmittedCall[]): (string | undefined)[] {
  return calls.map(({ answer }) => answer());
}

/** A mesh whose queue holds four calls. */
async function small(config = '', more = {}) {
  return startMesh({ config, engine: { maxQueueSize: 4 }, ...more });
}

describe('at the door', () => {
  test('who would wait longer than its deadline hears it at once, and when to come again', async () => {
    const { a, submit, events } = await startMesh();
    for (let call = 0; call < 4; call += 1) submit('running');
    await granted(a);
    const deadline = { deadlineMs: 45 };
    for (let call = 0; call < 8; call += 1) submit('waiting', deadline);
    const error = thrownBy(() => submit('late', deadline));
    assert.deepEqual(
      [error?.code, error?.message],
      ['RESOURCE_EXHAUSTED', 'Exceeds maximum queue size: the wait would exceed the deadline in 45 ms'],
    );
    // Two batches of four, each 13 ms.
    assert.deepEqual([error?.retryAfterMs, events], [26, ['shed wait']]);
  });

  test('a method does not count on the time that another one takes', async () => {
    const codes: (string | undefined)[] = [];
    const [method, rank] = ['/weft.nlp.v1.NlpService/Embed', '/weft.nlp.v1.NlpService/Rank'] as const;
    for (const other of [rank, method]) {
      const { a, submit, clock } = await startMesh({ replicas: { a: { methods: [method, rank] } } });
      for (let batch = 0; batch < 100; batch += 1) {
        for (let call = 0; call < 4; call += 1) submit('before', { method: other });
        const { id } = (await granted(a)) ?? { id: 0 };
        clock.advance(13);
        a.answer(id, { 0: '', 1: '', 2: '', 3: '' }, { computeMs: 13 });
        await turns();
      }
      for (let call = 0; call < 4; call += 1) submit('running', { method });
      await granted(a);
      const deadline = { method, deadlineMs: clock.now() + 70 };
      for (let call = 0; call < 8; call += 1) submit('waiting', deadline);
      codes.push(thrownBy(() => submit('late', deadline))?.code);
    }
    assert.deepEqual(codes, ['RESOURCE_EXHAUSTED', undefined]);
  });

  test('nobody is taken to wait longer because requests of many rows take long', async () => {
    const { a, submit, events, clock } = await startMesh();
    for (let time = 0; time < 3; time += 1) {
      submit('x'.repeat(400), { rows: 400 });
      const { id } = (await granted(a)) ?? { id: 0 };
      clock.advance(1300);
      a.answer(id, { 0: 'X' }, { computeMs: 1300 });
      await turns();
    }
    for (let call = 0; call < 4; call += 1) submit('running');
    await granted(a);
    submit('waiting', { deadlineMs: clock.now() + 40 });
    assert.deepEqual(events, []);
  });

  test('a replica that took its credit back, or drains, counts as free no longer', async () => {
    for (const leave of [
      (a: FakeReplica) => a.takeBack('1'),
      (a: FakeReplica) => a.send(encodeDrain('the service is stopping')),
    ]) {
      const { a, submit } = await startMesh({ config: parameter('policy', 'deferred') });
      a.grant('1');
      await turns();
      submit('waits', { deadlineMs: 1000 });
      submit('hardly in time', { deadlineMs: 20 });
      leave(a);
      await turns();
      assert.equal(thrownBy(() => submit('late', { deadlineMs: 5 }))?.code, 'RESOURCE_EXHAUSTED');
    }
  });

  test('while a replica is free everybody is let in, and the last who waits is sent', async () => {
    const { a, submit } = await startMesh();
    a.grant('1');
    await turns();
    submit('hopeless', { deadlineMs: 3 });
    await turns();
    assert.deepEqual(a.batches.map(texts), [['hopeless']]);
  });

  test('nobody is turned away for the wait who has no deadline', async () => {
    const { a, submit, engine } = await startMesh();
    submit('running');
    await granted(a);
    for (let call = 0; call < 500; call += 1) submit('patient');
    assert.equal(engine.waiting, 500);
  });

  test('a tenant with nothing waiting is let in while another floods', async () => {
    const { a, submit } = await startMesh();
    submit('running');
    await granted(a);
    const deadline = { deadlineMs: 45 };
    for (let call = 0; call < 8; call += 1) submit('flood', { tenant: 'flood', ...deadline });
    submit('small', { tenant: 'small', ...deadline });
    assert.equal(thrownBy(() => submit('flood', { tenant: 'flood', ...deadline }))?.code, 'RESOURCE_EXHAUSTED');
  });

  test('without a replica that could say how long it takes, everybody waits', async () => {
    const { a, engine, submit, clock } = await startMesh();
    a.lose();
    await turns();
    submit('x', { deadlineMs: 5 });
    await turns();
    assert.equal(engine.waiting, 1);
    clock.advance(5);
    assert.equal(engine.waiting, 0);
  });
});

describe('a full queue', () => {
  test('takes the call of a tenant with less, and answers one of who has more', async () => {
    const { submit, engine, events } = await small();
    const heavy = ['1', '2', '3', '4'].map((text) => submit(text, { tenant: 'heavy' }));
    const light = submit('light', { tenant: 'light' });
    assert.deepEqual(answers([...heavy, light]), [undefined, undefined, undefined, full, undefined]);
    assert.deepEqual([engine.waiting, events], [4, ['shed full']]);
    assert.equal(thrownBy(() => submit('5', { tenant: 'heavy' }))?.message, 'Exceeds maximum queue size');
    submit('light', { tenant: 'light' });
    assert.equal(thrownBy(() => submit('light', { tenant: 'light' }))?.code, 'RESOURCE_EXHAUSTED');
  });

  test('weighs what tenants have', async () => {
    const { submit } = await small(parameter('tenant_weights', 'heavy=4'));
    for (let call = 0; call < 4; call += 1) submit('x', { tenant: 'heavy' });
    assert.equal(thrownBy(() => submit('light', { tenant: 'light' }))?.code, 'RESOURCE_EXHAUSTED');
  });

  test('takes the call of a higher class, and answers one of the lowest', async () => {
    const { submit } = await small();
    const calls = [3, 2, 3, 2].map((priority) => submit(`${priority}`, { priority }));
    submit('high', { priority: 1 });
    submit('high', { priority: 1 });
    assert.deepEqual(answers(calls), [full, undefined, full, undefined]);
    assert.equal(thrownBy(() => submit('low', { priority: 3 }))?.code, 'RESOURCE_EXHAUSTED');
  });

  test('finds the lowest class in any method', async () => {
    const methods = ['/weft.nlp.v1.NlpService/Embed', '/weft.nlp.v1.NlpService/Rank'] as const;
    const { submit } = await small('', { replicas: { a: { methods: [...methods] } } });
    for (let call = 0; call < 3; call += 1) submit('x', { method: methods[0], priority: 2 });
    const low = submit('low', { method: methods[1], priority: 3 });
    submit('high', { method: methods[0], priority: 1 });
    assert.equal(low.answer(), full);
  });

  test('of the same class makes room in the method in which most wait', async () => {
    const methods = ['/weft.nlp.v1.NlpService/Embed', '/weft.nlp.v1.NlpService/Rank'] as const;
    const { submit } = await small('', { replicas: { a: { methods: [...methods] } } });
    const few = submit('few', { method: methods[1], tenant: 'heavy', rows: 3 });
    const many = [1, 2, 3].map(() => submit('many', { method: methods[0], tenant: 'heavy' }));
    submit('light', { method: methods[1], tenant: 'light' });
    assert.deepEqual([few.settled(), many.map((call) => call.settled())], [0, [0, 0, 1]]);
  });

  test('says when to come again, as long as those who wait take', async () => {
    const { submit } = await small();
    for (let call = 0; call < 4; call += 1) submit('x');
    assert.equal(thrownBy(() => submit('y'))?.retryAfterMs, 13);
  });

  test('displaces nobody for a call that finds no room all the same', async () => {
    const { submit, engine, a } = await startMesh({
      config: parameter('policy', 'greedy'),
      engine: { maxQueueBytes: 100 },
    });
    const own = submit('x'.repeat(40), { tenant: 'own' });
    const others = [1, 2, 3, 4].map((at) => submit(`${at}`.repeat(15), { tenant: 'other' }));
    for (const size of [70, 101])
      assert.equal(thrownBy(() => submit('z'.repeat(size), { tenant: 'own' }))?.code, 'RESOURCE_EXHAUSTED');
    assert.deepEqual([engine.waiting, ...answers([own, ...others])], [5, ...new Array<undefined>(5)]);
    submit('z'.repeat(15), { tenant: 'own' });
    assert.equal(engine.waiting, 5);
    const order = [...(texts(await granted(a)) ?? []), ...(texts(await granted(a, 1)) ?? [])];
    assert.deepEqual(
      order.map((text) => text[0]).filter((first) => first !== 'x' && first !== 'z'),
      ['1', '2', '3'],
    );
  });
});

describe('the queue size of a level', () => {
  const config = `dynamic_batching { priority_levels: 2 default_priority_level: 2
    priority_queue_policy { key: 1 value { max_queue_size: 2 } } }`;

  test('bounds that level alone', async () => {
    const { submit, engine } = await startMesh({ config });
    for (let call = 0; call < 2; call += 1) submit('high', { priority: 1 });
    assert.equal(thrownBy(() => submit('high', { priority: 1 }))?.message, 'Exceeds maximum queue size');
    for (let call = 0; call < 10; call += 1) submit('low', { priority: 2 });
    assert.equal(engine.waiting, 12);
  });

  test('is not made room in by lower levels, but by tenants that have more of it', async () => {
    const { submit, engine } = await startMesh({ config });
    const low = Array.from({ length: 10 }, () => submit('low', { priority: 2 }));
    const high = [1, 2].map(() => submit('high', { priority: 1, tenant: 'heavy' }));
    const more = { priority: 1, tenant: 'heavy' };
    assert.equal(thrownBy(() => submit('more', more))?.code, 'RESOURCE_EXHAUSTED');
    submit('light', { priority: 1, tenant: 'light' });
    assert.deepEqual([answers(high), engine.waiting], [[undefined, full], 12]);
    assert.deepEqual(answers(low), new Array<undefined>(10).fill(undefined));
  });
});
