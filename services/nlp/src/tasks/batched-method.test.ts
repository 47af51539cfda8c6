import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { invalidArgument, WeftError } from '@weft/errors';
import { batchedMethod, inferOwn, type RowModel } from './batched-method.ts';

interface Request {
  readonly numbers: readonly number[];
}

const attended = { throwIfGone() {} };

/** Doubles numbers, at most `runRows` in one run, and tells what each run got. */
function doubling(runRows = 100) {
  const runs: number[][] = [];
  const model: RowModel<number, number> = {
    plan: (rows) => {
      const indexes = [...rows.keys()].reverse();
      return Array.from({ length: Math.ceil(rows.length / runRows) }, (_, run) =>
        indexes.slice(run * runRows, (run + 1) * runRows),
      );
    },
    async infer(rows) {
      runs.push([...rows]);
      if (rows.includes(13)) throw new Error('the device is lost');
      return rows.map((row) => row * 2);
    },
  };
  const method = batchedMethod('/test/Double', {
    preprocess({ numbers }: Request) {
      if (numbers.length === 0) throw invalidArgument('numbers: none');
      return { rows: numbers };
    },
    model,
    postprocess: (_, doubled) => ({ doubled }),
  });
  return { method, runs };
}

/** Somebody who leaves at the given asking. */
function leaving(asking: number) {
  let asked = 0;
  return {
    throwIfGone() {
      asked += 1;
      if (asked >= asking) throw new WeftError('CANCELLED', 'gone');
    },
  };
}

const brief = (outcomes: readonly object[]) =>
  outcomes.map((outcome) => (outcome instanceof WeftError ? outcome.message : outcome));

describe('a batched method', () => {
  test('runs the rows of all requests together and gives each request its own results in order', async () => {
    const { method, runs } = doubling();
    const outcomes = await method.infer([{ numbers: [1, 2] }, { numbers: [3] }], [attended, attended]);
    assert.deepEqual(outcomes, [{ doubled: [2, 4] }, { doubled: [6] }]);
    assert.equal(runs.length, 1);
  });

  test('puts the results of several runs back in their places', async () => {
    const { method, runs } = doubling(2);
    const outcomes = await method.infer([{ numbers: [1, 2, 3] }, { numbers: [4, 5] }], [attended, attended]);
    assert.deepEqual(outcomes, [{ doubled: [2, 4, 6] }, { doubled: [8, 10] }]);
    assert.deepEqual(runs, [[5, 4], [3, 2], [1]]);
  });

  test('lets an invalid request fail alone', async () => {
    const { method } = doubling();
    const outcomes = await method.infer(
      [{ numbers: [1] }, { numbers: [] }, { numbers: [2] }],
      [attended, attended, attended],
    );
    assert.deepEqual(brief(outcomes), [{ doubled: [2] }, 'numbers: none', { doubled: [4] }]);
  });

  test('leaves out the rows of a request that nobody waits for, from the next run on', async () => {
    const { method, runs } = doubling(1);
    const outcomes = await method.infer([{ numbers: [1, 2] }, { numbers: [3] }], [leaving(3), attended]);
    assert.deepEqual(brief(outcomes), ['gone', { doubled: [6] }]);
    assert.deepEqual(runs, [[3], [2]]);
  });

  test('runs nothing when nobody waits any more', async () => {
    const { method, runs } = doubling();
    assert.deepEqual(brief(await method.infer([{ numbers: [1] }], [leaving(2)])), ['gone']);
    assert.deepEqual(runs, []);
  });

  test('fails those requests whose run failed, says nothing of why, and answers the others', async () => {
    const { method } = doubling(2);
    const outcomes = await method.infer([{ numbers: [1, 2] }, { numbers: [13, 3] }], [attended, attended]);
    assert.deepEqual(brief(outcomes), [{ doubled: [2, 4] }, 'internal error']);
  });

  test('answers an empty batch with nothing', async () => {
    assert.deepEqual(await doubling().method.infer([], []), []);
  });
});

test('a request of the task itself gives its response or throws its error', async () => {
  const { method } = doubling();
  assert.deepEqual(await inferOwn(method, { numbers: [4] }), { doubled: [8] });
  await assert.rejects(inferOwn(method, { numbers: [] }), { code: 'INVALID_ARGUMENT' });
});
