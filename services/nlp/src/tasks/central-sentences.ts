// Which sentences of a text stand for the whole: those whose embeddings are most similar to the centroid of all, as in
// centroid-based summarisation (Radev et al. 2004; with embeddings, Rossiello et al. 2017). Against LexRank (Erkan and
// Radev 2004), which compares every pair, it needs one comparison for each sentence.
import { similarity } from './similarity.ts';

/** Sentences more similar than this say the same: the second adds nothing while others are left. */
const sameMeaning = 0.95;

/** Positions of at most `count` sentences, ascending; `vectors` are of unit length, one for each sentence. */
export function centralSentences(vectors: readonly Float32Array[], count: number): number[] {
  const centre = centroid(vectors);
  const closeness = vectors.map((vector) => similarity(vector, centre));
  const order = [...vectors.keys()].sort((a, b) => (closeness[b] as number) - (closeness[a] as number) || a - b);
  const chosen: number[] = [];
  const repeats: number[] = [];
  for (const index of order) {
    if (chosen.length === count) break;
    const repeated = chosen.some(
      (other) => similarity(vectors[index] as Float32Array, vectors[other] as Float32Array) > sameMeaning,
    );
    (repeated ? repeats : chosen).push(index);
  }
  return [...chosen, ...repeats].slice(0, count).sort((a, b) => a - b);
}

function centroid(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    for (const [index, value] of vector.entries()) (sum[index] as number) += value;
  }
  return sum;
}
