// What is left to compute of a batch: items that somebody still waits for.
import { WeftError } from '@weft/errors';
import type { BatchItem, ItemSequence } from '@weft/rpc/wire';
import type { ItemContext } from '../task.ts';

export interface BatchWork {
  /** Full path of the method, the same for all items. */
  readonly method: string;
  readonly items: readonly WorkItem[];
  /** To be called once all requests are decoded: where input ends and inference begins. */
  readonly onDecoded: () => void;
  /** To be called after each run of the model for several items or one; where nobody does, the whole batch was one. */
  readonly onExecuted: (rows: number) => void;
}

export interface WorkItem {
  readonly payload: Buffer;
  readonly context: ItemContext;
  /** Of a model that batches sequences. */
  readonly sequence?: ItemSequence | undefined;
}

export interface BatchTimes {
  /** When the batch came to the replica, and now: milliseconds since the epoch. */
  readonly receivedMs: number;
  readonly nowMs: () => number;
}

/** `isCancelled` may change while the item is computed. */
export function itemContext(
  item: BatchItem,
  isCancelled: () => boolean,
  { receivedMs, nowMs }: BatchTimes,
): ItemContext {
  const deadlineMs = item.timeoutUs === 0 ? Number.POSITIVE_INFINITY : receivedMs + item.timeoutUs / 1000;
  return {
    throwIfGone() {
      if (isCancelled()) throw new WeftError('CANCELLED', 'the client cancelled');
      const now = nowMs();
      if (now < deadlineMs) return;
      const waitedMs = (now - receivedMs).toFixed(0);
      throw new WeftError(
        'DEADLINE_EXCEEDED',
        `the deadline passed ${waitedMs} ms after the request came to its replica`,
      );
    },
  };
}
