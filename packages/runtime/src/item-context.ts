// What is known of one request, or one stream, while it is answered.

export interface ItemContext {
  /** Throws CANCELLED or DEADLINE_EXCEEDED when nobody waits for this item any more. Call it between costly steps. */
  throwIfGone(): void;
}

export interface StreamContext extends ItemContext {
  /** Aborts when nobody waits for the stream any more; its reason is what throwIfGone throws. */
  readonly signal: AbortSignal;
  readonly tenant: string;
}
