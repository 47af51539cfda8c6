// Calls whose replica seems to hang: which of them travel together to another one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { turns } from './testing/start-engine.ts';
import { granted, startMesh, texts } from './testing/start-mesh.ts';

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

  test('stay together when there is no time to wait for one that hangs again', async () => {
    const { b } = await hungWithTwo({ deadlineMs: 2 * overdueMs });
    assert.deepEqual(texts(await granted(b)), ['x', 'y']);
  });
});
