// The metrics of the streams of one model version.
import type { Instruments } from '@weft/telemetry';
import type { StreamMeter } from './instance-streams.ts';

export function observeStreams(metrics: Instruments): (model: string, version: string) => StreamMeter {
  const labels = ['model', 'version'] as const;
  const open = metrics.gauge('weft_instance_streams_open', 'Streams that instances have', labels);
  const messages = metrics.counter('weft_instance_stream_messages_total', 'Messages of those streams', [
    ...labels,
    'direction',
  ]);
  const buffered = metrics.gauge(
    'weft_instance_stream_buffered_bytes',
    'Bytes on their way between those streams and their instances',
    labels,
  );
  return (model, version) => ({
    onOpened: () => open.with(model, version).add(1),
    onEnded: () => open.with(model, version).add(-1),
    onRequest: () => messages.with(model, version, 'in').add(),
    onResponse: () => messages.with(model, version, 'out').add(),
    onBuffered: (change) => buffered.with(model, version).add(change),
  });
}
