import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { invalidArgument, WeftError } from '@weft/errors';
import fc from 'fast-check';
import type { ItemContext } from '../task.ts';
import { alone, type BatchItem, batchwise, inferOwn, together } from './batchwise.ts';
import type { RowModel } from './joint-runs.ts';

const attended: ItemContext = { throwIfGone() {} };

/** Doubles numbers, at most `runRows` in one run, and tells what each run got. A run with 13 in it fails. */
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
  return { model, runs };
}

interface Request {
  readonly numbers: readonly number[];
}

function doublingMethod(runRows?: number) {
  const { model, runs } = doubling(runRows);
  const method = batchwise('/test/Double', async ({ numbers }: Request, item) => {
    if (numbers.length === 0) throw invalidArgument('numbers: none');
    return { doubled: await item.infer(model, numbers) };
  });
  const infer = (requests: readonly Request[], contexts: readonly ItemContext[] = requests.map(() => attended)) =>
    method.infer(requests, contexts);
  return { method, infer, runs };
}

/** Somebody who leaves at the given asking. */
function leaving(asking: number): ItemContext {
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

describe('a batchwise method', () => {
  test('runs the rows of all requests together and gives each request its own results in order', async () => {
    const { infer, runs } = doublingMethod();
    const outcomes = await infer([{ numbers: [1, 2] }, { numbers: [3] }]);
    assert.deepEqual(outcomes, [{ doubled: [2, 4] }, { doubled: [6] }]);
    assert.equal(runs.length, 1);
  });

  test('puts the results of several runs back in their places', async () => {
    const { infer, runs } = doublingMethod(2);
    const outcomes = await infer([{ numbers: [1, 2, 3] }, { numbers: [4, 5] }]);
    assert.deepEqual(outcomes, [{ doubled: [2, 4, 6] }, { doubled: [8, 10] }]);
    assert.deepEqual(runs, [[5, 4], [3, 2], [1]]);
  });

  test('gives every request its own results, however rows are parted into runs', async () => {
    const numbers = fc.array(fc.integer({ min: 14, max: 1000 }), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(fc.array(numbers, { maxLength: 8 }), fc.integer({ min: 1, max: 12 }), async (lists, runRows) => {
        const { infer } = doublingMethod(runRows);
        assert.deepEqual(
          await infer(lists.map((list) => ({ numbers: list }))),
          lists.map((list) => ({ doubled: list.map((number) => number * 2) })),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('lets an invalid request fail alone', async () => {
    const { infer, runs } = doublingMethod();
    const outcomes = await infer([{ numbers: [1] }, { numbers: [] }, { numbers: [2] }]);
    assert.deepEqual(brief(outcomes), [{ doubled: [2] }, 'numbers: none', { doubled: [4] }]);
    assert.equal(runs.length, 1);
  });

  test('leaves out the rows of a request that nobody waits for, from the next run on', async () => {
    const { infer, runs } = doublingMethod(1);
    const outcomes = await infer([{ numbers: [1, 2] }, { numbers: [3] }], [leaving(3), attended]);
    assert.deepEqual(brief(outcomes), ['gone', { doubled: [6] }]);
    assert.deepEqual(runs, [[3], [2]]);
  });

  test('runs nothing when nobody waits any more', async () => {
    const { infer, runs } = doublingMethod();
    assert.deepEqual(brief(await infer([{ numbers: [1] }], [leaving(2)])), ['gone']);
    assert.deepEqual(brief(await infer([{ numbers: [1] }], [leaving(1)])), ['gone']);
    assert.deepEqual(runs, []);
  });

  test('does not answer somebody who left during the last run', async () => {
    const { infer, runs } = doublingMethod();
    assert.deepEqual(brief(await infer([{ numbers: [1] }], [leaving(3)])), ['gone']);
    assert.deepEqual(runs, [[1]]);
  });

  test('runs each request by itself when a joined run fails, so that only the cause of it fails, saying nothing of why', async () => {
    const { infer, runs } = doublingMethod();
    const outcomes = await infer([{ numbers: [1, 2] }, { numbers: [13, 3] }, { numbers: [4] }]);
    assert.deepEqual(brief(outcomes), [{ doubled: [2, 4] }, 'internal error', { doubled: [8] }]);
    assert.deepEqual(runs, [[4, 3, 13, 2, 1], [4], [3, 13], [2, 1]]);
  });

  test('answers an empty batch with nothing', async () => {
    assert.deepEqual(await doublingMethod().infer([]), []);
  });

  test('runs nothing for an item that needs no model, and lets nobody wait for it', async () => {
    const { model, runs } = doubling();
    const method = batchwise('/test/Some', async ({ numbers }: Request, item) => ({
      doubled: await item.infer(model, numbers),
    }));
    const outcomes = await method.infer([{ numbers: [] }, { numbers: [5] }], [attended, attended]);
    assert.deepEqual(outcomes, [{ doubled: [] }, { doubled: [10] }]);
    assert.deepEqual(runs, [[5]]);
  });
});

describe('items that take several steps', () => {
  /** Doubles each number as often as it says, `early` leaving after so many. */
  async function doubleOften(times: readonly number[], contexts: readonly ItemContext[] = times.map(() => attended)) {
    const { model, runs } = doubling();
    const method = batchwise('/test/Often', async (count: number, item: BatchItem) => {
      let value = count * 100;
      for (let step = 0; step < count; step++) [value = 0] = await item.infer(model, [value]);
      return { value };
    });
    return { outcomes: brief(await method.infer(times, contexts)), runs };
  }

  test('share a run at each of them with whoever still takes part', async () => {
    const { outcomes, runs } = await doubleOften([1, 3, 2]);
    assert.deepEqual(outcomes, [{ value: 200 }, { value: 2400 }, { value: 800 }]);
    assert.deepEqual(
      runs.map((rows) => rows.sort((a, b) => a - b)),
      [[100, 200, 300], [400, 600], [1200]],
    );
  });

  test('go on when one of them leaves half-way', async () => {
    const { outcomes, runs } = await doubleOften([3, 3], [leaving(4), attended]);
    assert.deepEqual(outcomes, ['gone', { value: 2400 }]);
    assert.deepEqual(
      runs.map(({ length }) => length),
      [2, 1, 1],
    );
  });

  test('may need several models at once, each of which runs once', async () => {
    const [one, other] = [doubling(), doubling()];
    const method = batchwise('/test/Both', async (number: number, item) => {
      const [[first], [second]] = await Promise.all([
        item.infer(one.model, [number]),
        item.infer(other.model, [number + 1]),
      ]);
      return { sum: (first ?? 0) + (second ?? 0) };
    });
    const outcomes = await method.infer([1, 10], [attended, attended]);
    assert.deepEqual(outcomes, [{ sum: 6 }, { sum: 42 }]);
    assert.deepEqual([one.runs.length, other.runs.length], [1, 1]);
  });

  test('wait for one that prepares its rows longer', async () => {
    const { model, runs } = doubling();
    const method = batchwise('/test/Slow', async (rounds: number, item) => {
      for (let round = 0; round < rounds; round++) await new Promise(setImmediate);
      return { doubled: await item.infer(model, [rounds]) };
    });
    await method.infer([0, 20, 3], [attended, attended, attended]);
    assert.deepEqual(
      runs.map((rows) => rows.sort((a, b) => a - b)),
      [[0, 3, 20]],
    );
  });
});

test('a model that gives too few results, or a plan that leaves rows out, fails the items and hangs nobody', async () => {
  const few: RowModel<number, number> = { plan: (rows) => [[...rows.keys()]], infer: async () => [1] };
  const none: RowModel<number, number> = { plan: () => [], infer: async () => [] };
  for (const model of [few, none]) {
    const method = batchwise('/test/Wrong', async (rows: number[], item) => ({ got: await item.infer(model, rows) }));
    const outcomes = await method.infer(
      [
        [1, 2],
        [3, 4],
      ],
      [attended, attended],
    );
    assert.deepEqual(brief(outcomes), ['internal error', 'internal error']);
  }
});

test('work of its own gives its result or throws its error', async () => {
  const { model } = doubling();
  assert.deepEqual(await alone((item) => item.infer(model, [1, 2])), [2, 4]);
  await assert.rejects(
    alone((item) => item.infer(model, [13])),
    /^Error: the device is lost$/,
  );
});

test('the same work done several times is one batch, and its error is thrown', async () => {
  const { model, runs } = doubling();
  const work = (number: number) => async (item: BatchItem) => void (await item.infer(model, [number]));
  await together(3, work(5));
  assert.deepEqual(runs, [[5, 5, 5]]);
  await assert.rejects(together(2, work(13)), /^Error: the device is lost$/);
});

test('requests of the task itself run together, and the first error among them is thrown', async () => {
  const { method, runs } = doublingMethod();
  await inferOwn(method, [{ numbers: [4] }, { numbers: [5, 6] }]);
  assert.deepEqual(runs, [[6, 5, 4]]);
  await assert.rejects(inferOwn(method, [{ numbers: [4] }, { numbers: [] }]), { code: 'INVALID_ARGUMENT' });
});
