import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warmUp, warmUpSizes } from './warm-up.ts';

/** A model of such times, on a clock that only its runs move. */
function timed(msOf: (rows: number, earlier: number) => number) {
  const runs: number[] = [];
  let now = 0;
  const run = async (rows: number): Promise<void> => {
    now += msOf(rows, runs.filter((other) => other === rows).length);
    runs.push(rows);
  };
  return { runs, warm: (maxRows: number) => warmUp({ run, maxRows, nowMs: () => now }) };
}

test('sizes are powers of four up to the maximum, which is the last', () => {
  assert.deepEqual([1, 2, 4, 5, 8, 16, 32, 64, 100].map(warmUpSizes), [
    [1],
    [1, 2],
    [1, 4],
    [1, 5],
    [1, 4, 8],
    [1, 4, 16],
    [1, 4, 16, 32],
    [1, 4, 16, 64],
    [1, 4, 16, 100],
  ]);
});

test('every size runs twice and the faster run counts, which is rarely the first', async () => {
  const { runs, warm } = timed((rows, earlier) => (earlier === 0 ? 50 : 0) + 2 + rows);
  assert.deepEqual(await warm(16), [
    { rows: 1, computeUs: 3000 },
    { rows: 4, computeUs: 6000 },
    { rows: 16, computeUs: 18_000 },
  ]);
  assert.deepEqual(runs, [1, 1, 4, 4, 16, 16]);
});

test('a model of one row is measured with one row', async () => {
  const { runs, warm } = timed(() => 1500);
  assert.deepEqual(await warm(1), [{ rows: 1, computeUs: 1_500_000 }]);
  assert.deepEqual(runs, [1, 1]);
});

test('the first run of more than a second is the last size, and runs once unless it is one row', async () => {
  const growing = timed((rows) => 100 + 80 * rows);
  assert.deepEqual(
    (await growing.warm(64)).map(({ rows }) => rows),
    [1, 4, 16],
  );
  assert.deepEqual(growing.runs, [1, 1, 4, 4, 16]);
  const slow = timed((rows) => 1100 * rows);
  assert.deepEqual(await slow.warm(64), [{ rows: 1, computeUs: 1_100_000 }]);
});

test('sizes stop growing when they have taken two seconds together, or would take as much alone', async () => {
  const flat = timed(() => 900);
  assert.deepEqual(
    (await flat.warm(64)).map(({ rows }) => rows),
    [1],
  );
  const many = timed((rows) => 400 + rows / 10);
  assert.deepEqual(
    (await many.warm(1024)).map(({ rows }) => rows),
    [1, 4, 16, 64],
  );
});

test('a model that cannot run several rows together is measured with one; one that cannot run at all is refused', async () => {
  const nowMs = () => 0;
  const single = async (rows: number): Promise<void> => {
    if (rows > 1) throw new Error('only one row');
  };
  assert.deepEqual(await warmUp({ run: single, maxRows: 8, nowMs }), [{ rows: 1, computeUs: 0 }]);
  const none = async (): Promise<void> => {
    throw new Error('no kernel');
  };
  await assert.rejects(warmUp({ run: none, maxRows: 8, nowMs }), /no kernel/);
});
