// The statistics once more as metrics, under the names that dashboards for Triton ask for; nothing is counted for them, a scrape
// reads the numbers. They are told as gauges, for the exporter gives every counter a name that ends in _total, and no dashboard
// knows those.
import type { Instruments } from '@weft/telemetry';
import type { StatisticsBook } from './statistics-book.ts';
import { failureReasons, type VersionStatistics } from './version-statistics.ts';

const labels = ['model', 'version'] as const;

const microseconds = (ms: number): number => Math.round(ms * 1000);

const metrics: readonly (readonly [name: string, help: string, read: (statistics: VersionStatistics) => number])[] = [
  ['nv_inference_request_success', 'Requests that succeeded', ({ success }) => success.count],
  ['nv_inference_count', 'Rows inferred', ({ rows }) => rows],
  ['nv_inference_exec_count', 'Runs of the model', ({ executions }) => executions],
  ['nv_inference_request_duration_us', 'From arrival to answer, together', ({ success }) => microseconds(success.ms)],
  ['nv_inference_queue_duration_us', 'Waiting, together', ({ queue }) => microseconds(queue.ms)],
  ['nv_inference_compute_input_duration_us', 'Decoding, together', (one) => microseconds(one.computeInput.ms)],
  ['nv_inference_compute_infer_duration_us', 'Runs of the model, together', (one) => microseconds(one.computeInfer.ms)],
  ['nv_inference_compute_output_duration_us', 'Encoding, together', (one) => microseconds(one.computeOutput.ms)],
];

export interface QueueSize {
  readonly model: string;
  readonly version: string;
  readonly size: number;
}

/** `queues`: those of a version count together. */
export function observeStatistics(
  instruments: Instruments,
  book: StatisticsBook,
  queues: () => Iterable<QueueSize>,
): void {
  for (const [name, help, read] of metrics)
    instruments.observeGauge(name, help, {
      labels,
      observe(report) {
        for (const { model, version, statistics } of book.entries()) report(read(statistics), model, version);
      },
    });
  instruments.observeGauge('nv_inference_request_failure', 'Requests that failed, by why', {
    labels: [...labels, 'reason'] as const,
    observe(report) {
      for (const { model, version, statistics } of book.entries())
        for (const reason of failureReasons) report(statistics.failures[reason], model, version, reason);
    },
  });
  instruments.observeGauge('nv_inference_pending_request_count', 'Requests that wait for an instance', {
    labels,
    observe(report) {
      const together = new Map<string, QueueSize>();
      for (const { model, version, size } of queues()) {
        const key = `${model}\n${version}`;
        together.set(key, { model, version, size: size + (together.get(key)?.size ?? 0) });
      }
      for (const { model, version, size } of together.values()) report(size, model, version);
    },
  });
}
