// Whether to let a request in that will have to wait: an estimate of when it would be answered, from the batches before it
// and the instants at which instances become free. While an instance is free nobody is turned away, and the last who waits
// is always tried (batch-scheduler.ts): an estimate may be wrong, and only answers mend it.
//
// The more are turned away, the surer must be who is not: when one goes there are others to take the place, and waiting in
// vain is worse than hearing no at once. While few are, it is the other way round: the estimate assumes the largest batches
// that deadlines allow, for a step in load that the instances can take must not be answered by turning it away. Those who find an
// instance free count too: of those who do not, a strict estimate might turn all away, and nothing would end the strictness.
//
// How sure is learned from those who were let in and waited in vain: batches are smaller than the estimate has them where a
// head's deadline asks for that, and end later than expected. Each of them adds to the slack, each who is turned away takes a
// little from it, so that it stays where the former are the share `vainShare` of the latter (Robbins, Monro: "A Stochastic
// Approximation Method", 1951).
import type { LatencyProfile } from './latency-profile.ts';

/** What is before a request. Instants and durations in ms, sizes in rows. */
export interface Ahead {
  readonly profile: LatencyProfile;
  readonly marginMs: number;
  /** When each instance is expected to become free, the first one first. */
  readonly endsMs: () => readonly number[];
  /** Of their batches so many are of this queue. */
  readonly share: number;
  /** An efficient batch, and the largest that leaves any time to wait for it. */
  readonly batchRows: number;
  readonly largestRows: number;
  readonly waitingRows: number;
  /** Those of the waiting rows that are served before it; costs more to know. Where they are more than enough, any more. */
  readonly rowsBefore: (enough: number) => number;
}

export interface Arriving {
  readonly rows: number;
  readonly deadlineMs: number;
}

interface Known {
  readonly ahead: Ahead;
  readonly rows: number;
  readonly leftMs: number;
  /** In how long each instance is expected to be free. */
  readonly startsMs: readonly number[];
}

/** How far the share of those who are turned away moves with each arrival. */
const gain = 0.02;
/** From this share on it counts, and from the second one fully. */
const strictFrom = 0.1;
const strictFully = 0.6;
/** The slack then, in margins of a plan, which is learned between these. */
const leastSlack = 3;
const mostSlack = 8;
/** How far it grows with each who waited in vain, and how many of those for each who is turned away leave it as it is. */
const slackStep = 0.1;
const vainShare = 0.004;

export class Admission {
  /** The share of those who came lately and were not admitted. */
  #turnedAway = 0;
  #slack = leastSlack;

  admits(item: Arriving, nowMs: number, ahead: Ahead): boolean {
    const leftMs = item.deadlineMs - nowMs;
    const startsMs = ahead.endsMs().map((endMs) => Math.max(0, endMs - nowMs));
    const known = { ahead, rows: item.rows, leftMs, startsMs };
    const admitted =
      this.#inTime(ahead.waitingRows, known) || this.#inTime(ahead.rowsBefore(mostRowsBefore(known)), known);
    this.#count(admitted);
    return admitted;
  }

  /** For whom nothing was estimated: an instance was free. */
  letIn(): void {
    this.#count(true);
  }

  /** So many who were admitted were dropped all the same, after they had waited. */
  waitedInVain(count: number): void {
    this.#slack = Math.min(mostSlack, this.#slack + slackStep * this.#strictness * count);
  }

  get #strictness(): number {
    return Math.min(1, Math.max(0, (this.#turnedAway - strictFrom) / (strictFully - strictFrom)));
  }

  #count(admitted: boolean): void {
    this.#turnedAway += gain * (Number(!admitted) - this.#turnedAway);
    if (!admitted) this.#slack = Math.max(leastSlack, this.#slack - slackStep * vainShare * this.#strictness);
  }

  #inTime(before: number, { ahead, rows, leftMs, startsMs }: Known): boolean {
    const { profile, marginMs, share, batchRows, largestRows } = ahead;
    const strictness = this.#strictness;
    const slackMs = strictness * this.#slack * (profile.plannedMs(batchRows) - profile.meanMs(batchRows));
    const batchesBefore = Math.floor(before / (strictness > 0 ? batchRows : largestRows));
    const instances = Math.max(1, startsMs.length);
    // Between its own batches come those of other queues, for about as long, and surely before the next as well: who has
    // nothing before it may go first.
    const surely = strictness > 0 && batchesBefore > 0;
    const turn = surely ? Math.round((batchesBefore + 1) / share) - 1 : Math.round(batchesBefore / share);
    const freeMs = startsMs[turn % instances] ?? 0;
    const startMs = freeMs + Math.floor(turn / instances) * profile.meanMs(batchRows) + slackMs;
    // Behind a full batch the next one will be full as well: more come than are served.
    const mates = batchesBefore > 0 ? batchRows : Math.min(before + rows, batchRows);
    return startMs + profile.plannedMs(Math.max(rows, mates)) + marginMs <= leftMs;
  }
}

/** Who has more than so many rows before it is certainly late. */
function mostRowsBefore({ ahead: { profile, batchRows, largestRows }, leftMs, startsMs }: Known): number {
  const rounds = Math.floor(leftMs / profile.meanMs(batchRows)) + 1;
  return Math.max(0, rounds * Math.max(1, startsMs.length) + 1) * Math.max(batchRows, largestRows);
}
