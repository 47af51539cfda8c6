// What the identity bench finds out, before anything is made of it.
import type { Way } from './elements.ts';
import type { Window } from './windows.ts';

export interface Shape {
  /** Of the tensor: FP32. */
  readonly elements: number;
  readonly concurrency: number;
}

export interface MeasuredWay {
  readonly way: Way;
  /** In the order in which they were measured. */
  readonly windows: readonly Window[];
}

export type MeasuredShape = Shape & { readonly ways: readonly MeasuredWay[] };
