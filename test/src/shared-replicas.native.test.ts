// Two routers, which know nothing of each other, share the replicas: whose requests are more urgent goes first, and one that
// sends alone has all of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { Dialled } from './testing/dial.ts';
import { inferPath } from './testing/infer-request.ts';
import { inOneOfThree } from './testing/load-figures.ts';
import { fileScope, startSleepingMesh } from './testing/sleeping-mesh.ts';
import { type SleepingModel, sleepRequest } from './testing/sleeping-model.ts';

// One row at a time: requests are answered in the order in which replicas grant.
const model: SleepingModel = { startMs: 200, rowMs: 0, maxRows: 1 };

/** Sends so many requests at once; tells which process answered each. */
function send(client: Dialled, count: number, { deadlineMs = 60_000, onAnswer = () => {} } = {}): Promise<number[]> {
  const deadline = Date.now() + deadlineMs;
  return Promise.all(
    Array.from({ length: count }, async () => {
      const answer = await client.ask<ModelInferResponse__Output>(inferPath, sleepRequest(1), { deadline });
      onAnswer();
      return answer.rawOutputContents[1]?.readInt32LE(0) ?? 0;
    }),
  );
}

const one = await startSleepingMesh(fileScope, { model, replicas: 1, routers: 2 });
const four = await startSleepingMesh(fileScope, { model, replicas: 4, routers: 2 });

describe('with one replica', () => {
  const [first, second] = one.clients as [Dialled, Dialled];

  for (const [name, patient, hasty] of [
    ['the second router', first, second],
    ['the first router', second, first],
  ] as const)
    test(`what is more urgent goes first at ${name}, whatever waits at the other`, async (t) => {
      const measured = await inOneOfThree(
        async () => {
          // Both have sent something.
          await Promise.all([send(patient, 2), send(hasty, 2)]);
          const order: string[] = [];
          const waiting = send(patient, 12, { deadlineMs: 55_000, onAnswer: () => order.push('patient') });
          const urgent = send(hasty, 10, { deadlineMs: 20_000, onAnswer: () => order.push('hasty') });
          await Promise.all([waiting, urgent]);
          t.diagnostic(order.join(' '));
          return order.slice(0, order.lastIndexOf('hasty')).filter((who) => who === 'patient').length;
        },
        // One that ran, one ahead of it, and one that came before the other router had said anything.
        (before) => before <= 3,
      );
      assert.ok(measured <= 3, String(measured));
    });
});

describe('with four replicas', () => {
  const [first, second] = four.clients as [Dialled, Dialled];

  test('a router that sends alone has all of them, at once and for as long', async (t) => {
    const requests = 24;
    const leastMs = (requests / four.replicas.length) * model.startMs;
    const isAll = ({ tookMs, fewest }: { tookMs: number; fewest: number }): boolean =>
      tookMs < 1.3 * leastMs && fewest >= 4;
    const measured = await inOneOfThree(async () => {
      await Promise.all([send(first, 4), send(second, 4)]);
      const startMs = performance.now();
      const pids = await send(first, requests);
      const tookMs = performance.now() - startMs;
      const fewest = Math.min(...four.replicas.map(({ pid }) => pids.filter((one) => one === pid).length));
      t.diagnostic(`${requests} requests in ${tookMs.toFixed(0)} ms, where ${leastMs} are needed; fewest ${fewest}`);
      return { tookMs, fewest };
    }, isAll);
    assert.ok(isAll(measured), JSON.stringify(measured));
  });
});
