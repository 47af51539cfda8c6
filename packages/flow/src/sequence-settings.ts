// How requests of sequences are batched, as Triton's `sequence_batching` says it, and when an instance that is free gets a batch.
import type { DispatchReason } from './batch-policy.ts';

export type SequenceStrategy =
  | {
      readonly kind: 'direct';
      /** How long a batch waits for `leastUtilization`. */
      readonly queueDelayMs: number;
      /** The share of an instance's slots whose requests make a batch at once; 0: nothing is waited for. */
      readonly leastUtilization: number;
    }
  | {
      readonly kind: 'oldest';
      /** How long a batch waits for a preferred size. */
      readonly queueDelayMs: number;
      readonly preferredRows: readonly number[];
    };

export interface SequenceSettings {
  readonly strategy: SequenceStrategy;
  /** Sequences that one instance has at once; who begins when all are taken waits for one that ends. */
  readonly slots: number;
  /** Requests in one batch. */
  readonly maxRows: number;
  readonly maxBytes: number;
  /** A sequence of which nothing was heard for so long is over. */
  readonly idleMs: number;
}

export type SequenceDecision =
  | { readonly rows: number; readonly reason: DispatchReason }
  | { readonly waitUntilMs: number };

/** What an instance gets for which `ready` sequences have a request, the first of which waits since `oldestSinceMs`. */
export function decideBatch(
  { strategy, slots, maxRows }: Pick<SequenceSettings, 'strategy' | 'slots' | 'maxRows'>,
  { ready, oldestSinceMs, nowMs }: { readonly ready: number; readonly oldestSinceMs: number; readonly nowMs: number },
): SequenceDecision {
  if (ready >= maxRows) return { rows: maxRows, reason: 'full' };
  const { queueDelayMs } = strategy;
  if (strategy.kind === 'direct') {
    if (strategy.leastUtilization === 0) return { rows: ready, reason: 'idle' };
    if (ready >= strategy.leastUtilization * slots) return { rows: ready, reason: 'target' };
  } else {
    const preferred = Math.max(0, ...strategy.preferredRows.filter((rows) => rows <= ready));
    if (preferred > 0) return { rows: preferred, reason: 'target' };
    if (queueDelayMs === 0) return { rows: ready, reason: 'idle' };
  }
  const waitUntilMs = oldestSinceMs + queueDelayMs;
  return waitUntilMs <= nowMs ? { rows: ready, reason: 'deadline' } : { waitUntilMs };
}
