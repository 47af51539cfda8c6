// The metric of what a process has written to streams and their readers have not taken.
import type { OnUnsent } from '@weft/rpc';
import type { Instruments } from '@weft/telemetry';

export function observeUnsent(metrics: Instruments): OnUnsent {
  const unsent = metrics.gauge('weft_stream_unsent_bytes', 'Bytes written to streams that have not left this process');
  const all = unsent.with();
  return (change) => all.add(change);
}
