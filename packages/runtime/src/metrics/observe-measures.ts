// The main thread's side of what tasks measure: the metrics themselves, made when they are first heard of.
import type { Counter, Family, Gauge, Histogram, Instruments } from '@weft/telemetry';
import type { Measure } from './task-metrics.ts';

/** Of one instance. */
export interface MeasureSink {
  take(measures: readonly Measure[]): void;
  /** The instance is gone, and with it what it had added to gauges. */
  end(): void;
}

const labels = ['model', 'version'] as const;
type Labels = typeof labels;

/** A sink for each instance of a model version. */
export function observeMeasures(metrics: Instruments): (model: string, version: string) => MeasureSink {
  const counters = new Map<string, Family<Counter, Labels>>();
  const gauges = new Map<string, Family<Gauge, Labels>>();
  const histograms = new Map<string, Family<Histogram, Labels>>();
  return (model, version) => {
    const added = new Map<Gauge, number>();
    const take = ({ kind, name, help, boundaries, values }: Measure): void => {
      if (kind === 'histogram') {
        const options = boundaries === undefined ? { labels } : { labels, boundaries };
        const cell = known(histograms, name, () => metrics.histogram(name, help, options)).with(model, version);
        for (const value of values) cell.record(value);
        return;
      }
      const [amount = 0] = values;
      if (kind === 'counter') {
        known(counters, name, () => metrics.counter(name, help, labels))
          .with(model, version)
          .add(amount);
        return;
      }
      const gauge = known(gauges, name, () => metrics.gauge(name, help, labels)).with(model, version);
      gauge.add(amount);
      added.set(gauge, (added.get(gauge) ?? 0) + amount);
    };
    return {
      take(measures) {
        for (const measure of measures) take(measure);
      },
      end() {
        for (const [gauge, amount] of added) gauge.add(-amount);
        added.clear();
      },
    };
  };
}

function known<T>(made: Map<string, T>, name: string, make: () => T): T {
  const found = made.get(name) ?? make();
  made.set(name, found);
  return found;
}
