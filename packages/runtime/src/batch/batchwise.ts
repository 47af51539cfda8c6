// A method whose items are answered side by side and share the runs of models (joint-runs.ts). It reads as if there were
// one request only: `const [vector] = await item.infer(encoder, [tokens])`.
import { toWeftError, WeftError } from '@weft/errors';
import type { ItemContext, TaskMethod } from '../task.ts';
import { JointRuns, type RowModel } from './joint-runs.ts';
import { turn } from '../turn.ts';

/** One item of a batch. */
export interface BatchItem extends ItemContext {
  /** The model's results for these rows, which run together with rows of other items. Rejects when nobody waits any more. */
  infer<Row, Result>(model: RowModel<Row, Result>, rows: readonly Row[]): Promise<Result[]>;
}

/**
 * `answer` is called once for each request, all before the first run of a model. What it throws is the outcome of its
 * request alone.
 */
export function batchwise<Request, Response extends object>(
  path: string,
  answer: (request: Request, item: BatchItem) => Promise<Response>,
): TaskMethod {
  return {
    path,
    infer: (requests, contexts) => sideBySide(contexts, (item, index) => answer(requests[index] as Request, item)),
  };
}

/** Does work that shares runs with nobody. Throws what the work throws. */
export async function alone<Result>(work: (item: BatchItem) => Promise<Result>): Promise<Result> {
  const [done] = orThrow(await sideBySide([attended], async (item) => ({ result: await work(item) })));
  return (done as { result: Result }).result;
}

/** Does the same work so many times as one batch, as for warming up. Throws the first error. */
export async function together(count: number, work: (item: BatchItem) => Promise<void>): Promise<void> {
  const contexts = new Array<ItemContext>(count).fill(attended);
  orThrow(await sideBySide(contexts, async (item) => ({ done: await work(item) })));
}

/** Answers requests that the task itself makes, as for warming up. Throws the first error among the outcomes. */
export async function inferOwn(method: TaskMethod, requests: readonly object[]): Promise<void> {
  orThrow(
    await method.infer(
      requests,
      requests.map(() => attended),
    ),
  );
}

function orThrow<Result extends object>(outcomes: readonly (Result | WeftError)[]): readonly Result[] {
  return outcomes.map((outcome) => {
    // What was unexpected is thrown as it was: its "internal error" is for clients.
    if (outcome instanceof WeftError) throw outcome.requestId === undefined ? outcome : outcome.cause;
    return outcome;
  });
}

/** Of somebody who waits to the end. */
const attended: ItemContext = { throwIfGone() {} };

async function sideBySide<Result extends object>(
  contexts: readonly ItemContext[],
  work: (item: BatchItem, index: number) => Promise<Result>,
): Promise<(Result | WeftError)[]> {
  const runs = new JointRuns(contexts);
  const outcomes: Promise<Result | WeftError>[] = [];
  for (const [index, context] of contexts.entries()) {
    const item: BatchItem = {
      throwIfGone: () => context.throwIfGone(),
      async infer(model, rows) {
        const results = await runs.infer(index, model, rows);
        context.throwIfGone();
        return results;
      },
    };
    // Lets the thread hear of cancellations that arrived while it began the items before.
    await turn();
    outcomes.push(outcomeOf(item, () => work(item, index)).finally(() => runs.finish(index)));
  }
  return Promise.all(outcomes);
}

async function outcomeOf<Result>(item: ItemContext, work: () => Promise<Result>): Promise<Result | WeftError> {
  try {
    item.throwIfGone();
    return await work();
  } catch (thrown) {
    return toWeftError(thrown);
  }
}
