// What the event-loop bench finds out, before anything is made of it.
import type { LoadResult } from '../children/client.ts';
import type { LoopDelay } from '../loop-delay.ts';

/** One situation, measured for a while. */
export interface Watched {
  /** What is measured: `idle`, or how many threads a run has. */
  readonly situation: string;
  /** Of the model's runs as their client sees them; undefined when none ran. */
  readonly runs: Pick<LoadResult, 'calls' | 'failures' | 'p50Ms'> | undefined;
  readonly loops: Readonly<Record<string, LoopDelay>>;
  /** Health and metadata calls to router and service. */
  readonly light: Pick<LoadResult, 'calls' | 'failures' | 'p50Ms' | 'p99Ms' | 'maxMs'> | undefined;
}
