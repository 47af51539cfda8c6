// How many tokens of the prompts that wait are read in one step. Running sequences wait meanwhile, so it is bounded: by the time
// that a decoding step takes. Half goes to the prompt that has waited longest, so that none waits for ever; the rest to the
// shortest, so that a short prompt does not wait for a long one.

export interface PrefillBounds {
  /** Tokens of all prompts together. */
  readonly budget: number;
  /** Tokens of one prompt: each is read in a run of its own. */
  readonly mostAtOnce: number;
}

/** Of each prompt, in the order of arrival, how many tokens are read now; `remaining` are those that it still has. */
export function planPrefill(remaining: readonly number[], { budget, mostAtOnce }: PrefillBounds): number[] {
  const chunks = remaining.map(() => 0);
  let left = Math.max(1, Math.floor(budget));
  const give = (index: number, most: number): void => {
    const tokens = Math.min(most, left, Math.min(mostAtOnce, remaining[index] as number) - (chunks[index] as number));
    chunks[index] = (chunks[index] as number) + tokens;
    left -= tokens;
  };
  if (remaining.length > 0) give(0, Math.ceil(left / 2));
  const shortestFirst = [...remaining.keys()].sort((a, b) => (remaining[a] as number) - (remaining[b] as number));
  for (const index of shortestFirst) give(index, left);
  return chunks;
}

/** While prompts are read, a running sequence's step takes this many times as long at most, as far as `fewest` allows. */
const stepsOfPrefill = 4;
/** Less would cost more in runs than it spares those who wait. */
const fewest = 32;
const most = 512;
/** How much the latest measurement counts. */
const share = 0.3;

/** Learns what a step may read from what prompts and steps have taken. Times in milliseconds. */
export class PrefillPace {
  #tokenMs: number | undefined;
  #stepMs: number | undefined;

  onPrefill(tokens: number, ms: number): void {
    this.#tokenMs = blend(this.#tokenMs, ms / tokens);
  }

  onStep(ms: number): void {
    this.#stepMs = blend(this.#stepMs, ms);
  }

  /** `running`: whether anybody waits for the next step. */
  budget(running: boolean): number {
    if (!running || this.#tokenMs === undefined || this.#stepMs === undefined) return most;
    return Math.min(most, Math.max(fewest, Math.floor((stepsOfPrefill * this.#stepMs) / this.#tokenMs)));
  }
}

function blend(before: number | undefined, now: number): number {
  return before === undefined ? now : before + share * (now - before);
}
