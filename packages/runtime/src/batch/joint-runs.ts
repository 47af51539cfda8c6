// Where the items of a batch meet. Each item goes through its steps as if it were alone; where a step runs a model, it
// waits until every other item waits for a model too, or is finished. Then the rows that wait for the same model run
// together, whatever item they are of, in the runs that the model plans. So items of different shapes, and items that
// need a model more or less often than others, still share what can be shared.
//
// An item whose rows fail, or that nobody waits for any more, takes no part in further runs and leaves the others alone.
// When a run of several items fails, nobody knows whose rows were the cause: each item's rows run again by themselves.
import { toWeftError } from '@weft/errors';
import type { ItemContext } from '../task.ts';
import { turn } from '../turn.ts';

/** How rows run: which together, and one run itself. Rows of one model must be of one kind. */
export interface RowModel<Row, Result> {
  /** The rows of each run, by their positions; every row in exactly one run. */
  plan(rows: readonly Row[]): readonly (readonly number[])[];
  /** One run: a result for each row, in their order. */
  infer(rows: readonly Row[]): Promise<readonly Result[]>;
}

/** Rows that an item waits for. */
interface Asked {
  readonly item: number;
  readonly rows: readonly unknown[];
  readonly results: unknown[];
  /** Rows without a result. */
  missing: number;
  settled: boolean;
  readonly resolve: (results: readonly unknown[]) => void;
  readonly reject: (reason: Error) => void;
}

interface AskedRow {
  readonly asked: Asked;
  readonly position: number;
}

export class JointRuns {
  readonly #contexts: readonly ItemContext[];
  /** Items at work → how often each waits here. */
  readonly #waits: Map<number, number>;
  #asked = new Map<RowModel<unknown, unknown>, Asked[]>();
  #running = false;

  /** One context for each item; all items are at work from now on. */
  constructor(contexts: readonly ItemContext[]) {
    this.#contexts = contexts;
    this.#waits = new Map(contexts.map((_, item) => [item, 0]));
  }

  /** The results of an item's rows, in their order. Rejects with why the item cannot or need not go on. */
  async infer<Row, Result>(item: number, model: RowModel<Row, Result>, rows: readonly Row[]): Promise<Result[]> {
    if (rows.length === 0) return [];
    const results = new Promise<readonly unknown[]>((resolve, reject) => {
      const asked = { item, rows, results: [], missing: rows.length, settled: false, resolve, reject };
      const key = model as RowModel<unknown, unknown>;
      this.#asked.set(key, [...(this.#asked.get(key) ?? []), asked]);
    });
    this.#wait(item, 1);
    try {
      return (await results) as Result[];
    } finally {
      this.#wait(item, -1);
    }
  }

  /** The item needs nothing more: the others need not wait for it. */
  finish(item: number): void {
    this.#waits.delete(item);
    this.#startIfAllWait();
  }

  #wait(item: number, change: 1 | -1): void {
    const waits = this.#waits.get(item);
    if (waits === undefined) return;
    this.#waits.set(item, waits + change);
    this.#startIfAllWait();
  }

  get #allWait(): boolean {
    return this.#asked.size > 0 && [...this.#waits.values()].every((waits) => waits > 0);
  }

  #startIfAllWait(): void {
    if (this.#running || !this.#allWait) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    do {
      // An item may ask for several things at once: it is given the time to.
      await turn();
      const asked = this.#asked;
      this.#asked = new Map();
      for (const [model, together] of asked) await this.#runPlanned(model, together);
      // Whoever got results is given the time to go on.
      await turn();
    } while (this.#allWait);
    this.#running = false;
  }

  async #runPlanned(model: RowModel<unknown, unknown>, together: readonly Asked[]): Promise<void> {
    const rows = together.flatMap((asked) => asked.rows.map((_, position): AskedRow => ({ asked, position })));
    try {
      for (const run of model.plan(rows.map(rowOf))) {
        // Lets the thread hear of cancellations before it computes on.
        await turn();
        await this.#runRows(
          model,
          run.map((index) => rows[index] as AskedRow),
        );
      }
      for (const asked of together) {
        if (!asked.settled) throw new TypeError('a plan of runs left rows out');
      }
    } catch (thrown) {
      for (const asked of together) fail(asked, thrown);
    }
  }

  async #runRows(model: RowModel<unknown, unknown>, planned: readonly AskedRow[]): Promise<void> {
    const askers = new Set(planned.map(({ asked }) => asked));
    for (const asked of askers) this.#failIfGone(asked);
    const wanted = planned.filter(({ asked }) => !asked.settled);
    if (wanted.length === 0) return;
    try {
      const results = await model.infer(wanted.map(rowOf));
      if (results.length !== wanted.length)
        throw new TypeError(`a model gave ${results.length} results for ${wanted.length} rows`);
      for (const [index, row] of wanted.entries()) deliver(row, results[index]);
    } catch (thrown) {
      const [first, ...others] = new Set(wanted.map(({ asked }) => asked));
      if (first === undefined) return;
      if (others.length === 0) fail(first, thrown);
      else await this.#runEachAlone(model, wanted);
    }
  }

  async #runEachAlone(model: RowModel<unknown, unknown>, rows: readonly AskedRow[]): Promise<void> {
    for (const asked of new Set(rows.map((row) => row.asked))) {
      await turn();
      await this.#runRows(
        model,
        rows.filter((row) => row.asked === asked),
      );
    }
  }

  #failIfGone(asked: Asked): void {
    if (asked.settled || !this.#waits.has(asked.item)) {
      // Its item has ended without waiting for it.
      asked.settled = true;
      return;
    }
    try {
      (this.#contexts[asked.item] as ItemContext).throwIfGone();
    } catch (thrown) {
      fail(asked, thrown);
    }
  }
}

function rowOf({ asked, position }: AskedRow): unknown {
  return asked.rows[position];
}

function deliver({ asked, position }: AskedRow, result: unknown): void {
  asked.results[position] = result;
  asked.missing -= 1;
  if (asked.missing > 0) return;
  asked.settled = true;
  asked.resolve(asked.results);
}

function fail(asked: Asked, thrown: unknown): void {
  asked.settled = true;
  asked.reject(toWeftError(thrown));
}
