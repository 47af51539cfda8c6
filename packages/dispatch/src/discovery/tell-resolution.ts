// What a source's latest answer is for the log: what has changed since the one before, and each trouble once.
import type { Log } from '@weft/telemetry';
import { changesBetween } from './discovery-plan.ts';

interface Answered {
  readonly endpoints: readonly string[];
  readonly failure: string | undefined;
}

export function tellResolution(
  log: Log,
  { text: source }: { readonly text: string },
  { before, after }: { readonly before: Answered | undefined; readonly after: Answered },
): void {
  const { added, removed } = changesBetween(before?.endpoints ?? [], after.endpoints);
  if (added.length + removed.length > 0) log.info('discovery.changed', { source, added, removed });
  if (after.failure === before?.failure) return;
  if (after.failure === undefined) log.info('discovery.recovered', { source });
  else log.warn('discovery.failed', { source, reason: after.failure });
}
