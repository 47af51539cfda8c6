// What a batch leaves behind once it is answered: counts and times for the metrics, and spans for the requests in it that
// are traced. The worker only reports times; the spans are made here, afterwards.
import { readBatch } from '@weft/rpc';
import { epochMs, type Instruments, type Tracing } from '@weft/telemetry';
import type { BatchMeasure } from './executor/instance-host.ts';

export interface ObservedBatch extends BatchMeasure {
  readonly model: string;
  readonly version: string;
  readonly method: string;
  readonly itemCount: number;
  /** Encoded Batch; undefined when nothing is traced, for it costs a copy. */
  readonly body: Buffer | undefined;
}

export function observeBatches(tracing: Tracing, metrics: Instruments): (batch: ObservedBatch) => void {
  const labels = ['model', 'version'] as const;
  const batches = metrics.counter('weft_batches_total', 'Batches that instances have run', labels);
  const rows = metrics.counter('weft_batch_rows_total', 'Rows in those batches', labels);
  const requests = metrics.counter('weft_batch_requests_total', 'Requests in those batches', labels);
  const queue = metrics.histogram('weft_batch_queue_seconds', 'From the arrival of a batch to the start of its run', {
    labels,
  });
  const compute = metrics.histogram(
    'weft_batch_compute_seconds',
    'The run of a batch, decoding and encoding included',
    { labels },
  );
  return ({ model, version, method, itemCount, body, ...measure }) => {
    batches.with(model, version).add();
    rows.with(model, version).add(measure.rows);
    requests.with(model, version).add(itemCount);
    queue.with(model, version).record((measure.startedMs - measure.receivedMs) / 1000);
    compute.with(model, version).record(measure.computeMs / 1000);
    if (!tracing.enabled || body === undefined) return;
    for (const { traceparent } of readBatch(body).items) {
      if (traceparent === '') continue;
      const attributes = {
        'weft.model': model,
        'weft.version': version,
        'weft.batch.rows': measure.rows,
        'weft.batch.requests': itemCount,
      };
      const batch = tracing.record('weft.batch', traceparent, {
        startMs: measure.receivedMs,
        endMs: epochMs(),
        attributes: { ...attributes, 'rpc.method': method },
      });
      tracing.record('weft.infer', batch, {
        startMs: measure.startedMs,
        endMs: measure.startedMs + measure.computeMs,
        attributes,
      });
    }
  };
}
