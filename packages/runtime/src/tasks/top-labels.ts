// From the numbers that a classifier ends in to labels with probabilities.

export interface Label {
  readonly name: string;
  /** 0..1 */
  readonly score: number;
}

/** Probabilities that sum up to 1. */
export function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((max, value) => Math.max(max, value), -Infinity);
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

/** The `count` likeliest labels, the likeliest first; equal ones in the order of `names`, which are as many as `scores`. Rounding takes none out of 0..1. */
export function topLabels(scores: Float32Array, names: readonly string[], count: number): Label[] {
  const labels = names.map((name, index) => ({ name, score: Math.min(Math.max(scores[index] as number, 0), 1) }));
  return labels.sort((a, b) => b.score - a.score).slice(0, count);
}
