import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureModel } from './measure-model.ts';

/** A model whose batches take as long as `msOf` says, on a clock that only it moves. */
function timedModel(msOf: (payloads: readonly Buffer[]) => number) {
  const sent: number[] = [];
  let nowMs = 0;
  return {
    sent,
    now: () => nowMs,
    model: {
      async infer(_: string, payloads: readonly Buffer[]) {
        sent.push(payloads.length);
        const ms = msOf(payloads);
        nowMs += ms;
        return { ms, computeMs: ms / 2 };
      },
      close() {},
    },
  };
}

const payloads = [1, 2, 3, 6].map((cost) => Buffer.from([cost]));
const costOf = (batch: readonly Buffer[]): number => batch.reduce((sum, payload) => sum + (payload[0] as number), 0);
const request = { method: '/m', payloads };

test('requests that differ in cost weigh alike in every size', async () => {
  const { model, now } = timedModel(costOf);
  const { sizes, tooSlow } = await measureModel(model, { ...request, maxRows: 8, budgetMs: 1_000, now });
  assert.deepEqual(
    sizes.map(({ rows, ms, computeMs }) => [rows, ms, computeMs]),
    [
      [1, 3, 1.5],
      [2, 6, 3],
      [4, 12, 6],
      [8, 24, 12],
    ],
  );
  assert.deepEqual(tooSlow, []);
});

test('the largest batch is the model’s own, a power of two or not, and no larger than 64', async () => {
  for (const [maxRows, expected] of [
    [1, [1]],
    [6, [1, 2, 4, 6]],
    [200, [1, 2, 4, 8, 16, 32, 64]],
  ] as const) {
    const { model, now } = timedModel(() => 1);
    const { sizes } = await measureModel(model, { ...request, maxRows, budgetMs: 1_000, now });
    assert.deepEqual(
      sizes.map(({ rows }) => rows),
      expected,
    );
  }
});

test('what would take too long is left out, and said', async () => {
  const { model, now, sent } = timedModel((batch) => 600 * batch.length);
  const { sizes, tooSlow } = await measureModel(model, { ...request, maxRows: 16, budgetMs: 1_000, now });
  assert.deepEqual(
    sizes.map(({ rows, rounds }) => [rows, rounds]),
    [
      [1, 3],
      [2, 3],
      [4, 3],
    ],
  );
  assert.deepEqual(tooSlow, [8, 16]);
  assert.ok(!sent.includes(8));
});
