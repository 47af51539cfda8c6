// What a bench is: something with a name that measures, and says itself whether the measurement counts.
import type { Plot } from './plots/plot.ts';
import type { Table } from './table.ts';

export interface Bench {
  readonly name: string;
  /** One line for the list of benches. */
  readonly about: string;
  run(options: BenchOptions): Promise<BenchReport>;
  /** Its picture, of its figures as they stand in bench/results: so it can be drawn again without another run. */
  readonly plot?: (figures: unknown) => Plot;
}

export interface BenchOptions {
  /** Tells people what is going on. */
  readonly progress: (line: string) => void;
  /** Folder for CPU profiles of all processes. */
  readonly profileDirectory?: string | undefined;
  /** To see that everything works, in a shorter run where the bench has one; its figures are not kept. */
  readonly quick: boolean;
}

export interface BenchReport {
  /** Raw and derived figures, for bench/results. */
  readonly figures: Readonly<Record<string, unknown>>;
  readonly tables: readonly Table[];
  /** What the figures say about the targets that the bench has. */
  readonly verdicts: readonly Verdict[];
  /** Why the run does not count; empty when it does. */
  readonly invalid: readonly string[];
}

export interface Verdict {
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}
