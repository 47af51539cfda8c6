// The best of a classifier's scores as labels.

export interface ScoredLabel {
  readonly name: string;
  readonly score: number;
}

/** At most `topK` labels, the highest score first, equal scores in the model's order. `names` are as many as `scores`. */
export function topLabels(names: readonly string[], scores: Float32Array, topK: number): ScoredLabel[] {
  return [...names.entries()]
    .map(([index, name]) => ({ name, score: Math.min(Math.max(scores[index] as number, 0), 1) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}
