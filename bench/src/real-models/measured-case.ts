// What the real-models bench finds out, before anything is made of it.

export interface Throughput {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

export interface MeasuredCase {
  readonly name: string;
  readonly unit: string;
  readonly together: number;
  /** One at a time, and together, right after each other. */
  readonly rounds: readonly { readonly alone: Throughput; readonly together: Throughput }[];
}
