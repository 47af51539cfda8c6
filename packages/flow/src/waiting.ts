// What the queue's order looks at in an item. Rows are the unit of everything that is shared or bounded.

export interface Waiting {
  readonly rows: number;
  readonly byteSize: number;
  /** An instant of the queue's clock; Infinity without a deadline. */
  readonly deadlineMs: number;
  /** The instant by which it should be answered: its deadline, or the model's objective. */
  readonly dueMs: number;
  /** Since when it waits. */
  readonly sinceMs: number;
  /** 0 is served first. */
  readonly priority: number;
  readonly tenant: string;
}
