import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import type { ItemContext } from '../task.ts';
import { SharedRuns } from './shared-runs.ts';

const attended: ItemContext = { throwIfGone() {} };

/** Doubles numbers, at most `runRows` in one run, and tells what each run got. A run with 13 in it fails. */
function doubling(runRows: number) {
  const runs: number[][] = [];
  const shared = new SharedRuns<number, number>({
    plan: (rows) =>
      Array.from({ length: Math.ceil(rows.length / runRows) }, (_, run) =>
        [...rows.keys()].slice(run * runRows, (run + 1) * runRows),
      ),
    async infer(rows) {
      runs.push([...rows]);
      if (rows.includes(13)) throw new WeftError('UNAVAILABLE', 'the device is lost');
      return rows.map((row) => row * 2);
    },
  });
  return { shared, runs };
}

describe('streams that share a model', () => {
  test('get the results of their own rows, in their order', async () => {
    const { shared, runs } = doubling(4);
    const results = await Promise.all([
      shared.infer([1, 2, 3], attended),
      shared.infer([10], attended),
      shared.infer([], attended),
      shared.infer([20, 21], attended),
    ]);
    assert.deepEqual(results, [[2, 4, 6], [20], [], [40, 42]]);
    assert.deepEqual(runs, [
      [1, 10, 20, 2],
      [3, 21],
    ]);
  });

  test('take turns, however many rows one of them has waiting', async () => {
    const { shared, runs } = doubling(1);
    const many = shared.infer([1, 2, 3, 4], attended);
    const follow = async (): Promise<void> => {
      for (const row of [10, 11]) await shared.infer([row], attended);
    };
    await Promise.all([many, follow()]);
    assert.deepEqual(runs.flat(), [1, 10, 2, 11, 3, 4]);
  });

  test('cost no run once nobody waits for them', async () => {
    const { shared, runs } = doubling(1);
    const state = { gone: false };
    const leaving: ItemContext = {
      throwIfGone() {
        if (state.gone) throw new WeftError('CANCELLED', 'the client cancelled');
      },
    };
    const left = shared.infer([1, 2, 3], leaving);
    const stays = shared.infer([10], attended).then(() => (state.gone = true));
    await assert.rejects(left, { code: 'CANCELLED' });
    await stays;
    assert.deepEqual(runs.flat(), [1, 10]);
  });

  test('fail alone when a run of several fails', async () => {
    const { shared, runs } = doubling(2);
    const outcomes = await Promise.allSettled([shared.infer([1], attended), shared.infer([13], attended)]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.deepEqual(runs, [[1, 13], [1], [13]]);
    assert.deepEqual(await shared.infer([4], attended), [8]);
  });

  test('hear of a plan that leaves rows out, or of results that are too few', async () => {
    const none = new SharedRuns<number, number>({ plan: () => [], infer: async () => [] });
    await assert.rejects(none.infer([1], attended), { code: 'INTERNAL' });
    const short = new SharedRuns<number, number>({ plan: () => [[0]], infer: async () => [] });
    await assert.rejects(short.infer([1], attended), { code: 'INTERNAL' });
  });
});
