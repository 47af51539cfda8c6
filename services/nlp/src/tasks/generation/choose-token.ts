// The next token by the model's scores: the greatest, or drawn by temperature and top-p (Holtzman et al., "The Curious Case of
// Neural Text Degeneration", 2020). It runs for every token of every sequence, so nothing is sorted but the few tokens at the edge
// of the nucleus: the others are told in or out of it by buckets of their scores.
import { WeftError } from '@weft/errors';

export interface Sampling {
  /** 0: the greatest score wins, and nothing is drawn. */
  readonly temperature: number;
  /** Only the likeliest tokens that together have this share are drawn from; 1: all. */
  readonly topP: number;
}

/** Beyond so many temperatures below the greatest score a token is never drawn: its share is under 1e-13. */
const farBelow = 30;
/** Scores by their distance from the greatest, in temperatures; the last bucket is for what is never drawn. */
const perUnit = 64;
const never = farBelow * perUnit;
const bucketWeights = Float64Array.from({ length: never }, (_, bucket) => Math.exp(-bucket / perUnit));

/** `random` gives numbers in [0, 1); it is asked once where something is drawn. */
export function chooseToken(scores: Float32Array, { temperature, topP }: Sampling, random: () => number): number {
  const best = greatest(scores);
  const most = scores[best] as number;
  if (!Number.isFinite(most))
    throw new WeftError('INTERNAL', 'internal error', { cause: new Error(`the model's greatest score is ${most}`) });
  if (temperature === 0) return best;
  const weighed = weigh(scores, most, temperature);
  const share = topP < 1 ? keepNucleus(weighed, topP * weighed.total) : weighed.total;
  return drawFrom(weighed.weights, random() * share) ?? best;
}

function greatest(scores: Float32Array): number {
  let best = 0;
  let most = scores[0] as number;
  for (let token = 1; token < scores.length; token++) {
    const score = scores[token] as number;
    if (score > most) [best, most] = [token, score];
  }
  return best;
}

interface Weighed {
  readonly weights: Float64Array;
  readonly buckets: Uint16Array;
  /** The weights of each bucket together. */
  readonly sums: Float64Array;
  readonly total: number;
}

/** Its content is worth nothing once the next token is chosen. */
let scratch = { weights: new Float64Array(), buckets: new Uint16Array(), sums: new Float64Array(never + 1) };

/** The exponential of each score, by a table and three terms of its series: within 3e-9, at a tenth of Math.exp's time. */
function weigh(scores: Float32Array, most: number, temperature: number): Weighed {
  const { length } = scores;
  if (scratch.weights.length !== length)
    scratch = { ...scratch, weights: new Float64Array(length), buckets: new Uint16Array(length) };
  const { weights, buckets, sums } = scratch;
  sums.fill(0);
  let total = 0;
  const scale = perUnit / temperature;
  for (let token = 0; token < length; token++) {
    // In buckets.
    const below = (most - (scores[token] as number)) * scale;
    if (!(below < never)) {
      weights[token] = 0;
      buckets[token] = never;
      continue;
    }
    const bucket = Math.trunc(below);
    const rest = (below - bucket) / perUnit;
    const weight = (bucketWeights[bucket] as number) * (1 - rest * (1 - rest * (0.5 - rest / 6)));
    weights[token] = weight;
    buckets[token] = bucket;
    sums[bucket] = (sums[bucket] as number) + weight;
    total += weight;
  }
  return { weights, buckets, sums, total };
}

/** Leaves the likeliest tokens that together reach `wanted`, at least one, and makes the others' weights 0. The sum of what is left. */
function keepNucleus({ weights, buckets, sums }: Weighed, wanted: number): number {
  let edge = 0;
  let share = 0;
  while (edge < never && share + (sums[edge] as number) < wanted) share += sums[edge++] as number;
  const atEdge: number[] = [];
  for (let token = 0; token < weights.length; token++) {
    const bucket = buckets[token] as number;
    if (bucket > edge) weights[token] = 0;
    else if (bucket === edge) atEdge.push(token);
  }
  atEdge.sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  for (const token of atEdge) {
    if (share < wanted) share += weights[token] as number;
    else weights[token] = 0;
  }
  return share;
}

function drawFrom(weights: Float64Array, drawn: number): number | undefined {
  let left = drawn;
  let last: number | undefined;
  for (let token = 0; token < weights.length; token++) {
    const weight = weights[token] as number;
    if (weight === 0) continue;
    if (left < weight) return token;
    left -= weight;
    last = token;
  }
  return last;
}
