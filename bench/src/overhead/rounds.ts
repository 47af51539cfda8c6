// What the overhead bench finds out, before anything is made of it.
import type { Measure } from './measure-target.ts';

/** The measurements of one target, one for each round. */
export type Rounds = Readonly<Record<string, readonly Measure[]>>;

export interface LoadShape {
  readonly concurrency: number;
  readonly durationMs: number;
  readonly rounds: number;
}

export type MeasuredShape = LoadShape & { readonly targets: Rounds };
