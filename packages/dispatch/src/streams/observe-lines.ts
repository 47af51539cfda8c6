// The metrics of streams that wait for a slot, and of the slots: for people, and for whatever adds replicas. A slot can be taken for
// hours without anything else to be seen of it; that others wait meanwhile shows here alone.
import type { Instruments } from '@weft/telemetry';
import type { StreamLine } from '../pipes/pipes.ts';

export function observeLines(metrics: Instruments, lines: () => Iterable<StreamLine>): void {
  metrics.observeGauge('weft_streams_waiting', 'Streams that wait for a slot', {
    labels: ['model', 'version'],
    observe(report) {
      for (const { model, version, waiting } of lines()) report(waiting, model, version);
    },
  });
  metrics.observeGauge('weft_stream_slots', 'Slots for streams, of all replicas', {
    labels: ['model', 'version', 'state'],
    observe(report) {
      for (const { model, version, taken, free } of lines()) {
        report(taken, model, version, 'taken');
        report(free, model, version, 'free');
      }
    },
  });
}
