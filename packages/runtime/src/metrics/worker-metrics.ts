// The worker's side of a task's metrics: keeps what is recorded, and tells it together, a few times a second. A message for each
// value would cost more than what is measured.
import type { Measure, TaskMetrics } from './task-metrics.ts';

const intervalMs = 200;
/** Beyond so many values of a metric it does not wait for the interval. */
const mostValues = 4096;

type Metric = Omit<Measure, 'values'> & { values: number[] };

export class WorkerMetrics implements TaskMetrics {
  readonly #tell: (measures: readonly Measure[]) => void;
  readonly #metrics: Metric[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (measures: readonly Measure[]) => void) {
    this.#tell = tell;
  }

  counter(name: string, help: string): { add(amount: number): void } {
    return this.#sum({ kind: 'counter', name, help });
  }

  gauge(name: string, help: string): { add(amount: number): void } {
    return this.#sum({ kind: 'gauge', name, help });
  }

  histogram(name: string, help: string, boundaries?: readonly number[]): { record(value: number): void } {
    const metric = this.#metric({ kind: 'histogram', name, help, boundaries });
    return {
      record: (value) => {
        metric.values.push(value);
        if (metric.values.length >= mostValues) this.flush();
        else this.#flushSoon();
      },
    };
  }

  /** Tells what was not told yet. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const measures: Measure[] = [];
    for (const metric of this.#metrics) {
      if (metric.values.length === 0) continue;
      measures.push({ ...metric });
      metric.values = [];
    }
    if (measures.length > 0) this.#tell(measures);
  }

  #sum(declared: Omit<Measure, 'values'>): { add(amount: number): void } {
    const metric = this.#metric(declared);
    return {
      add: (amount) => {
        if (amount === 0) return;
        metric.values[0] = (metric.values[0] ?? 0) + amount;
        this.#flushSoon();
      },
    };
  }

  #metric(declared: Omit<Measure, 'values'>): Metric {
    const metric = { ...declared, values: [] };
    this.#metrics.push(metric);
    return metric;
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => this.flush(), intervalMs).unref();
  }
}
