// Tries a call again when its answer was UNAVAILABLE, and only then: any other code means that the request was heard
// and refused, or that it may have been carried out. A server that sheds load answers RESOURCE_EXHAUSTED, so overload
// is never answered by more load. The wait doubles with each retry and half of it is left to chance, so that the
// clients of a router that was restarted do not all come back at the same instant.
import { WeftError } from '@weft/errors';
import type { RetryOptions } from './connect-options.ts';
import type { Surroundings } from './surroundings.ts';

export interface RetryRule {
  readonly retry: RetryOptions;
  readonly surroundings: Pick<Surroundings, 'random'>;
}

export interface RetryContext extends RetryRule {
  /** Milliseconds of `surroundings.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly surroundings: Surroundings;
}

/** Calls `attempt` until it succeeds, may not be tried again, or a wait would outlast the deadline. */
export async function withRetries<T>(attempt: () => Promise<T>, context: RetryContext): Promise<T> {
  const { deadline, signal, surroundings } = context;
  for (let retries = 0; ; retries++) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = error instanceof WeftError ? retryWaitMs(error, retries, context) : undefined;
      // Whoever cancelled wants to hear that, and not of the failure that came at the same time.
      if (signal.aborted) throw cancelled(signal);
      if (waitMs === undefined || surroundings.now() + waitMs >= deadline) throw error;
      await surroundings.sleep(waitMs, signal).catch(() => {
        throw cancelled(signal);
      });
    }
  }
}

/** How long to wait before the next try; undefined: do not. `retries` is how many there were already. */
export function retryWaitMs(error: WeftError, retries: number, { retry, surroundings }: RetryRule): number | undefined {
  if (error.code !== 'UNAVAILABLE' || retries >= retry.maxRetries) return undefined;
  // The server knows best when to come back; a negative number means never.
  if (error.retryAfterMs !== undefined) return error.retryAfterMs < 0 ? undefined : error.retryAfterMs;
  const backoffMs = Math.min(retry.maxBackoffMs, retry.initialBackoffMs * 2 ** retries);
  return backoffMs * (0.5 + 0.5 * surroundings.random());
}

export function cancelled(signal: AbortSignal): WeftError {
  return new WeftError('CANCELLED', 'the call was cancelled', { cause: signal.reason });
}
