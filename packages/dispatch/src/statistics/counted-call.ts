// A call as the statistics see it.

/** Instants of the engine's clock. */
export interface CountedCall {
  readonly rows: number;
  readonly enqueuedMs: number;
  /** When it left the queue last; undefined when it never did. */
  readonly sentMs: number | undefined;
}
