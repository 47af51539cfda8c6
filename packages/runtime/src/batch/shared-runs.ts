// Where streams meet. Each asks for rows as it gets to them, at its own pace, and nobody waits for the others: whenever the model is
// free, the stream that has waited longest is served, and rows of other streams ride along where the model's plan joins them. So
// each stream gets a run in turn, however many rows the others have waiting, and one that is cancelled costs no run after the
// one that is under way. What is of batches is in joint-runs.ts.
import { toWeftError } from '@weft/errors';
import type { ItemContext } from '../task.ts';
import type { RowModel } from './joint-runs.ts';
import { turn } from '../turn.ts';

interface Asked<Row, Result> {
  readonly rows: readonly Row[];
  readonly context: ItemContext;
  readonly results: Result[];
  missing: number;
  readonly resolve: (results: Result[]) => void;
  readonly reject: (reason: Error) => void;
}

interface AskedRow<Row, Result> {
  readonly asked: Asked<Row, Result>;
  readonly position: number;
}

export class SharedRuns<Row, Result> {
  readonly #model: RowModel<Row, Result>;
  /** Whoever was served last is the last. */
  #waiting: Asked<Row, Result>[] = [];
  #running = false;

  constructor(model: RowModel<Row, Result>) {
    this.#model = model;
  }

  /** The results of a stream's rows, in their order. Rejects with why it cannot or need not go on. */
  infer(rows: readonly Row[], context: ItemContext): Promise<Result[]> {
    if (rows.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, context, results: [], missing: rows.length, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (;;) {
      // Streams that got results ask again, and the thread hears of cancellations.
      await turn();
      this.#dropGone();
      if (this.#waiting.length === 0) break;
      await this.#runNext();
    }
    this.#running = false;
  }

  async #runNext(): Promise<void> {
    const rows = inTurns(this.#waiting);
    try {
      const plan = this.#model.plan(rows.map(rowOf));
      const next = plan.find((run) => run.includes(0));
      if (next === undefined) throw new TypeError('a plan of runs left rows out');
      await this.#runRows(next.map((index) => rows[index] as AskedRow<Row, Result>));
    } catch (thrown) {
      const [first] = this.#waiting;
      if (first !== undefined) this.#fail(first, thrown);
    }
  }

  async #runRows(rows: readonly AskedRow<Row, Result>[]): Promise<void> {
    const streams = new Set(rows.map(({ asked }) => asked));
    try {
      const results = await this.#model.infer(rows.map(rowOf));
      if (results.length !== rows.length)
        throw new TypeError(`a model gave ${results.length} results for ${rows.length} rows`);
      for (const [index, row] of rows.entries()) this.#deliver(row, results[index] as Result);
    } catch (thrown) {
      if (streams.size === 1) for (const asked of streams) this.#fail(asked, thrown);
      // Nobody knows whose rows were the cause.
      else for (const asked of streams) await this.#runRows(rows.filter((row) => row.asked === asked));
    }
    this.#waiting = [...this.#waiting.filter((asked) => !streams.has(asked)), ...[...streams].filter(isMissing)];
  }

  #deliver({ asked, position }: AskedRow<Row, Result>, result: Result): void {
    asked.results[position] = result;
    asked.missing -= 1;
    if (asked.missing === 0) asked.resolve(asked.results);
  }

  #fail(asked: Asked<Row, Result>, thrown: unknown): void {
    asked.missing = 0;
    this.#waiting = this.#waiting.filter((other) => other !== asked);
    asked.reject(toWeftError(thrown));
  }

  #dropGone(): void {
    for (const asked of this.#waiting) {
      try {
        asked.context.throwIfGone();
      } catch (thrown) {
        this.#fail(asked, thrown);
      }
    }
  }
}

/** The first row that each still wants, then the second of each, and so on. */
function inTurns<Row, Result>(waiting: readonly Asked<Row, Result>[]): AskedRow<Row, Result>[] {
  const wanted = waiting.map((asked) => [...asked.rows.keys()].filter((position) => !(position in asked.results)));
  const most = Math.max(...wanted.map(({ length }) => length));
  return Array.from({ length: most }, (_, round) => round).flatMap((round) =>
    wanted.flatMap((positions, index) => {
      const position = positions[round];
      return position === undefined ? [] : [{ asked: waiting[index] as Asked<Row, Result>, position }];
    }),
  );
}

function isMissing({ missing }: { readonly missing: number }): boolean {
  return missing > 0;
}

function rowOf<Row, Result>({ asked, position }: AskedRow<Row, Result>): Row {
  return asked.rows[position] as Row;
}
