// What a replica that several routers share was told of what waits here, and whether it is worth telling it anew. A demand asks
// for one credit: it is told to a replica without one, forgotten when that comes or a batch is sent, and taken back when nothing
// waits any more. A reserved credit that is not used at once is left to the others.
//
// What becomes more urgent is told at once. What becomes less so is told too, or others would wait in vain, but not with each
// batch.

/** What waits, over all methods of a version. */
export interface WaitingDemand {
  readonly rows: number;
  /** When the first of them is due. */
  readonly dueMs: number;
  /** The class of the next in order, 0 the highest. */
  readonly priority: number;
}

/** What these queues have together; undefined when nothing waits. */
export function demandOf(queues: Iterable<WaitingQueue>): WaitingDemand | undefined {
  let [waits, dueMs, first] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { scheduler } of queues) {
    const { rows, priority = first } = scheduler;
    [waits, dueMs, first] = [waits + rows, Math.min(dueMs, scheduler.dueMs), Math.min(first, priority)];
  }
  return waits === 0 ? undefined : { rows: waits, dueMs, priority: first };
}

interface WaitingQueue {
  readonly scheduler: { readonly rows: number; readonly dueMs: number; readonly priority: number | undefined };
}

interface Asked extends WaitingDemand {
  readonly atMs: number;
}

/** What is due so much earlier or later is another demand, and at the earliest so long after the one before if it is due later. */
const noticeableMs = 1;
const pauseMs = 5;

export class ToldDemand {
  /** `unsaid`: the replica has to hear something, be it that nothing waits. */
  #told: Asked | 'unsaid' | 'reserved' | 'nothing' = 'unsaid';

  /** The replica has granted a credit, or taken one back: what it was told is done with. */
  credited(reserved: boolean): void {
    this.#told = reserved ? 'reserved' : 'nothing';
  }

  /** A batch was sent: what it was told is done with. */
  sent(): void {
    this.#told = 'nothing';
  }

  /** What to tell the replica now; undefined: nothing new. `hasCredit` is one that was not used though it could be. */
  next(waiting: WaitingDemand | undefined, hasCredit: boolean, nowMs: number): WaitingDemand | undefined {
    const told = this.#told;
    if (waiting === undefined || hasCredit) {
      this.#told = 'nothing';
      return told === 'nothing' ? undefined : nothingWaits;
    }
    if (typeof told === 'object' && !differs(told, waiting, nowMs)) return undefined;
    this.#told = { ...waiting, atMs: nowMs };
    return waiting;
  }
}

const nothingWaits: WaitingDemand = { rows: 0, dueMs: 0, priority: 0 };

function differs(told: Asked, { priority, dueMs }: WaitingDemand, nowMs: number): boolean {
  if (priority < told.priority || dueMs < told.dueMs - noticeableMs) return true;
  return nowMs - told.atMs >= pauseMs && (priority > told.priority || dueMs > told.dueMs + noticeableMs);
}
