// What a task may measure beside its batches. A worker has no metrics of its own to be scraped: what it records goes to its
// service's main thread, which keeps the metrics of all instances, with the labels model and version.

export interface TaskMetrics {
  counter(name: string, help: string): { add(amount: number): void };
  /** `add` changes it; what an instance has added goes with the instance. */
  gauge(name: string, help: string): { add(amount: number): void };
  /** `boundaries` as in Instruments. */
  histogram(name: string, help: string, boundaries?: readonly number[]): { record(value: number): void };
}

/** What was recorded of one metric since the last time: what was added, or every value of a histogram. */
export interface Measure {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly boundaries?: readonly number[] | undefined;
  readonly values: readonly number[];
}

/** For a task that nobody measures. */
export const unmeasured: TaskMetrics = {
  counter: () => ({ add() {} }),
  gauge: () => ({ add() {} }),
  histogram: () => ({ record() {} }),
};
