// The metrics of dispatching, the same in a router and in a service: what left the queues, why and how large, and what was
// turned away.
import type { Instruments, Log } from '@weft/telemetry';
import type { LaneObserver } from './lane-observer.ts';

const rowBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256];

export function observeLanes(metrics: Instruments, log: Log): (model: string, version: string) => LaneObserver {
  const batches = metrics.counter('weft_dispatch_batches_total', 'Batches sent to replicas, by why they were sent', [
    'model',
    'version',
    'reason',
  ]);
  const rows = metrics.histogram('weft_dispatch_batch_rows', 'Rows in those batches', {
    labels: ['model', 'version', 'reason'],
    boundaries: rowBoundaries,
  });
  const queueSeconds = metrics.histogram('weft_dispatch_queue_seconds', 'Wait of the oldest request of each batch', {
    labels: ['model', 'version'],
  });
  const streamSeconds = metrics.histogram('weft_stream_queue_seconds', 'Wait of each stream for its slot', {
    labels: ['model', 'version'],
  });
  const shed = metrics.counter('weft_dispatch_shed_total', 'Requests and streams turned away or dropped from a queue', [
    'model',
    'version',
    'reason',
  ]);
  const again = metrics.counter('weft_dispatch_sent_again_total', 'Requests sent a second time', [
    'model',
    'version',
    'reason',
  ]);
  const ejected = metrics.counter('weft_dispatch_ejections_total', 'Replicas that were cut off for a while', [
    'model',
    'version',
  ]);
  const sequencesLost = metrics.counter('weft_sequences_lost_total', 'Sequences that ended with their instance', [
    'model',
    'version',
  ]);
  return (model, version) => ({
    onDispatched(batch) {
      batches.with(model, version, batch.reason).add();
      rows.with(model, version, batch.reason).record(batch.rows);
      queueSeconds.with(model, version).record(batch.queueMs / 1000);
    },
    onShed: (reason) => shed.with(model, version, reason).add(),
    onStreamBegun: (waitedMs) => streamSeconds.with(model, version).record(waitedMs / 1000),
    onSentAgain: (reason) => again.with(model, version, reason).add(),
    onEjected(endpoint, reason) {
      ejected.with(model, version).add();
      log.warn('replica.ejected', { model, version, endpoint, reason });
    },
    onSequencesLost(count, reason) {
      sequencesLost.with(model, version).add(count);
      log.warn('sequences.lost', { model, version, count, reason });
    },
    onReadmitted: (endpoint) => log.info('replica.readmitted', { model, version, endpoint }),
  });
}
