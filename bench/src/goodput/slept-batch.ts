// What a sleeping model's worker tells the thread that started it.

/** A batch that an instance ran. */
export interface SleptBatch {
  readonly rows: number;
  /** How long it really took. */
  readonly ms: number;
}

/** Name of the BroadcastChannel that the threads of a service share. */
export const batchChannel = 'weft-bench-batches';
