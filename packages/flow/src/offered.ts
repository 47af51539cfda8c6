// What is offered to a scheduler, and by when it should be answered: that orders the queue within a class and a tenant.
export interface Offered {
  readonly rows: number;
  readonly byteSize: number;
  /** An instant; Infinity without a deadline. */
  readonly deadlineMs: number;
  /** 0 is served first. */
  readonly priority: number;
  readonly tenant: string;
  /** Until when it should have left; Infinity by default. It orders the queue, and drops nobody. */
  readonly startByMs?: number | undefined;
  /** Within what time it should be answered when it has no deadline; by default what the settings say. */
  readonly objectiveMs?: number | undefined;
}

/** Its deadline, or else its objective; sooner when it should have left before. An instant, ms. */
export function dueMsOf(
  { deadlineMs, startByMs = Number.POSITIVE_INFINITY }: Offered,
  by: { readonly nowMs: number; readonly objectiveMs: number; readonly plannedMs: number },
): number {
  const answeredMs = Number.isFinite(deadlineMs) ? deadlineMs : by.nowMs + by.objectiveMs;
  return Math.min(answeredMs, startByMs + by.plannedMs);
}
