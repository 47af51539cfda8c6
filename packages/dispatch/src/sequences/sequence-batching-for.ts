// How a version batches sequences, as its replicas report it.
import { WeftError } from '@weft/errors';
import { type SequenceBatching, sequenceBatchingOf } from '@weft/models';
import type { VersionView } from '../replicas/inventory.ts';

/** A replica checks what it loads. One that reports what only a newer one understands costs no more than that. */
export function sequenceBatchingFor({ entry }: VersionView): SequenceBatching | undefined {
  if (entry.config == null || entry.config.sequenceBatching == null) return undefined;
  try {
    return sequenceBatchingOf(entry.config);
  } catch (thrown) {
    if (!(thrown instanceof WeftError)) throw thrown;
    return undefined;
  }
}
