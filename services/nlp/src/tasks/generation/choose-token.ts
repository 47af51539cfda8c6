// The next token by the model's scores: the greatest, or drawn by temperature and top-p (Holtzman et al., "The Curious Case of
// Neural Text Degeneration", 2020). It runs for every token of every sequence, so it sorts only what can be in the nucleus.
import { WeftError } from '@weft/errors';

export interface Sampling {
  /** 0: the greatest score wins, and nothing is drawn. */
  readonly temperature: number;
  /** Only the likeliest tokens that together have this share are drawn from; 1: all. */
  readonly topP: number;
}

/** Beyond so many temperatures below the greatest score a token is never drawn: its share is under 1e-13. */
const farBelow = -30;

/** `random` gives numbers in [0, 1); it is asked once where something is drawn. */
export function chooseToken(scores: Float32Array, { temperature, topP }: Sampling, random: () => number): number {
  const best = greatest(scores);
  const most = scores[best] as number;
  if (!Number.isFinite(most))
    throw new WeftError('INTERNAL', 'internal error', { cause: new Error(`the model's greatest score is ${most}`) });
  if (temperature === 0) return best;
  const weights = new Float64Array(scores.length);
  let total = 0;
  for (let token = 0; token < scores.length; token++) {
    const below = ((scores[token] as number) - most) / temperature;
    if (!(below > farBelow)) continue;
    const weight = Math.exp(below);
    weights[token] = weight;
    total += weight;
  }
  const drawn = random();
  if (topP >= 1) return drawFrom(weights.keys(), weights, drawn * total) ?? best;
  const { tokens, share } = nucleus(weights, total, topP);
  return drawFrom(tokens, weights, drawn * share) ?? best;
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

/** The likeliest tokens, at least one, and the sum of their weights. */
function nucleus(weights: Float64Array, total: number, topP: number): { tokens: number[]; share: number } {
  // All tokens below this weight together have less than what the nucleus leaves out.
  const least = ((1 - topP) * total) / weights.length;
  const candidates: number[] = [];
  for (let token = 0; token < weights.length; token++) if ((weights[token] as number) > least) candidates.push(token);
  candidates.sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  let share = 0;
  let count = 0;
  while (count < candidates.length && (count === 0 || share < topP * total))
    share += weights[candidates[count++] as number] as number;
  return { tokens: candidates.slice(0, count), share };
}

function drawFrom(tokens: Iterable<number>, weights: Float64Array, drawn: number): number | undefined {
  let left = drawn;
  let last: number | undefined;
  for (const token of tokens) {
    const weight = weights[token] as number;
    if (weight === 0) continue;
    if (left < weight) return token;
    left -= weight;
    last = token;
  }
  return last;
}
