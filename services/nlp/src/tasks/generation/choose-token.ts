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
const bucketsPerUnit = 16;

/** `random` gives numbers in [0, 1); it is asked once where something is drawn. */
export function chooseToken(scores: Float32Array, { temperature, topP }: Sampling, random: () => number): number {
  const best = greatest(scores);
  const most = scores[best] as number;
  if (!Number.isFinite(most))
    throw new WeftError('INTERNAL', 'internal error', { cause: new Error(`the model's greatest score is ${most}`) });
  if (temperature === 0) return best;
  const weights = scratchOf(scores.length);
  let total = 0;
  for (let token = 0; token < scores.length; token++) {
    const below = (most - (scores[token] as number)) / temperature;
    const weight = below < farBelow ? Math.exp(-below) : 0;
    weights[token] = weight;
    total += weight;
  }
  const share = topP < 1 ? keepNucleus(weights, topP * total) : total;
  return drawFrom(weights, random() * share) ?? best;
}

/** Its content is worth nothing once the next token is chosen. */
let scratch = new Float64Array();

function scratchOf(length: number): Float64Array {
  if (scratch.length !== length) scratch = new Float64Array(length);
  return scratch;
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

/** Leaves the likeliest tokens that together reach `wanted`, at least one, and makes the others' weights 0. The sum of what is left. */
function keepNucleus(weights: Float64Array, wanted: number): number {
  const sums = new Float64Array(farBelow * bucketsPerUnit + 1);
  const bucketOf = (weight: number): number => Math.floor(-Math.log(weight) * bucketsPerUnit);
  for (const weight of weights) if (weight > 0) addTo(sums, bucketOf(weight), weight);
  let edge = 0;
  let share = 0;
  while (edge < sums.length - 1 && share + (sums[edge] as number) < wanted) share += sums[edge++] as number;
  const atEdge: number[] = [];
  for (let token = 0; token < weights.length; token++) {
    const weight = weights[token] as number;
    if (weight === 0) continue;
    const bucket = bucketOf(weight);
    if (bucket === edge) atEdge.push(token);
    if (bucket > edge) weights[token] = 0;
  }
  atEdge.sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  for (const token of atEdge) {
    if (share < wanted) share += weights[token] as number;
    else weights[token] = 0;
  }
  return share;
}

function addTo(sums: Float64Array, index: number, amount: number): void {
  sums[index] = (sums[index] as number) + amount;
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
