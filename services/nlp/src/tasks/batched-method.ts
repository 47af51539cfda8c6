// A method whose rows may share model runs, whatever request they are of. Three separate steps: preprocess turns a request
// into rows, infer is one model run over rows of any requests, postprocess turns a request's results into its response.
// A request that is invalid, or that nobody waits for any more, fails alone and takes no part in further runs.
import { toWeftError, WeftError } from '@weft/errors';
import type { ItemContext, TaskMethod } from '@weft/runtime';

/** A request after preprocessing: its rows, and whatever postprocess needs. */
export interface Prepared<Row> {
  readonly rows: readonly Row[];
}

/** How rows run: which together, and one run itself, which gives a result for each row. */
export interface RowModel<Row, Result> {
  /** The rows of each run, by their positions; every row in exactly one run. */
  plan(rows: readonly Row[]): readonly (readonly number[])[];
  infer(rows: readonly Row[]): Promise<readonly Result[]>;
}

export interface BatchedSteps<Request, Row, Result, State extends Prepared<Row>, Response extends object> {
  /** Throws INVALID_ARGUMENT. */
  readonly preprocess: (request: Request) => State;
  readonly model: RowModel<Row, Result>;
  /** `results` belong to `state.rows`, in their order. */
  readonly postprocess: (state: State, results: readonly Result[]) => Response;
}

interface RowOfItem<Row> {
  readonly item: number;
  /** Position among the item's rows. */
  readonly position: number;
  readonly row: Row;
}

export function batchedMethod<Request, Row, Result, State extends Prepared<Row>, Response extends object>(
  path: string,
  { preprocess, model, postprocess }: BatchedSteps<Request, Row, Result, State, Response>,
): TaskMethod {
  return {
    path,
    async infer(requests, items) {
      const outcomes: (Response | WeftError | undefined)[] = requests.map(() => undefined);
      const attempt = (item: number, step: () => Response | undefined): void => {
        try {
          (items[item] as ItemContext).throwIfGone();
          outcomes[item] = step();
        } catch (thrown) {
          outcomes[item] = toWeftError(thrown);
        }
      };

      const states: State[] = [];
      const results: Result[][] = requests.map(() => []);
      const rows: RowOfItem<Row>[] = [];
      for (const [item, request] of requests.entries()) {
        await turn();
        attempt(item, () => {
          const state = preprocess(request as Request);
          states[item] = state;
          for (const [position, row] of state.rows.entries()) rows.push({ item, position, row });
          return undefined;
        });
      }

      for (const run of model.plan(rows.map(({ row }) => row))) {
        await turn();
        const planned = run.map((index) => rows[index] as RowOfItem<Row>);
        for (const item of new Set(planned.map((row) => row.item))) {
          if (outcomes[item] === undefined) attempt(item, () => undefined);
        }
        const wanted = planned.filter(({ item }) => outcomes[item] === undefined);
        if (wanted.length === 0) continue;
        try {
          const found = await model.infer(wanted.map(({ row }) => row));
          for (const [index, { item, position }] of wanted.entries())
            (results[item] as Result[])[position] = found[index] as Result;
        } catch (thrown) {
          const error = toWeftError(thrown);
          for (const { item } of wanted) outcomes[item] = error;
        }
      }

      for (const item of requests.keys()) {
        if (outcomes[item] === undefined)
          attempt(item, () => postprocess(states[item] as State, results[item] as Result[]));
      }
      return outcomes as (Response | WeftError)[];
    },
  };
}

/** Lets the thread hear of cancellations before it computes on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Infers a request that the task itself makes, as for warming up. Throws what the method answered if it is an error. */
export async function inferOwn(method: TaskMethod, request: object): Promise<object> {
  const [outcome] = await method.infer([request], [{ throwIfGone() {} }]);
  if (outcome === undefined || outcome instanceof WeftError)
    throw outcome ?? new TypeError(`${method.path} gave no outcome`);
  return outcome;
}
