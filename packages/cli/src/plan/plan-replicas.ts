// How many replicas answer a load in time: the mesh's scheduler, policy `adaptive`, in simulated time, on replicas that take
// as long as those that were measured. A replica more never does harm, so the least number is found by halving.
//
// A simulated mesh knows no network that stutters and no machine that is busy otherwise, and sustains more than a real one: in
// the bench `goodput` 90% of the raw capacity, where real processes sustained 72%. That is what the reserve is for.
import { adaptive } from '@weft/flow';
import { inTime, type Simulated, simulate } from '@weft/flow/simulation';
import { WeftError } from '@weft/errors';
import { batchCurve } from './batch-curve.ts';
import type { ModelProfile } from './model-profile.ts';

export interface Load {
  /** Requests a second, arriving as a Poisson process: of many clients that know nothing of each other. */
  readonly rate: number;
  /** Of each request. */
  readonly rows: number;
  readonly deadlineMs: number;
  /** Of the requests, to be answered by then: above 0, below 1. */
  readonly share: number;
  /** So much more than `rate` has to be answered in time as well: 0.25 is a quarter more. */
  readonly reserve: number;
}

/** What so many replicas make of the load. */
export interface Outlook {
  readonly replicas: number;
  /** Share of the requests. */
  readonly inTime: number;
  /** The same when so much more arrives as the reserve says. */
  readonly inTimeWithReserve: number;
  /** Requests a second that are answered in time. */
  readonly goodput: number;
  /** From arrival to answer; Infinity where more than that share is turned away. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of the instances' time. */
  readonly busy: number;
  /** Rows of the batch that a row usually rides in. */
  readonly batchRows: number;
}

export interface Plan {
  /** The least number of replicas that holds the share, with the reserve too. */
  readonly least: number;
  /** Around that number, from few to many. */
  readonly outlooks: readonly Outlook[];
}

const fewestRequests = 10_000;
const mostRequests = 200_000;
/** So many late ones are no chance. */
const lateOnes = 50;
const leastWarmUpMs = 1000;
const leastBatches = 50;
/** Of a batch's usual time, what planning for a single row already leaves: see the mesh's latency profiles. */
const plannedMargin = 1.06;
const mostReplicas = 4096;

export interface PlanOptions {
  /** Told each number that is tried. */
  readonly onReplicas?: (replicas: number) => void;
  /** Of each simulated run, at least. */
  readonly requests?: number;
}

/** Throws FAILED_PRECONDITION when no number of replicas holds the share. */
export function planReplicas(profile: ModelProfile, load: Load, { onReplicas, requests }: PlanOptions = {}): Plan {
  requireFeasible(profile, load);
  const busiest = { ...load, rate: load.rate * (1 + load.reserve) };
  const known = new Map<number, SimulatedLoad>();
  const look = (replicas: number): SimulatedLoad => {
    const before = known.get(replicas);
    if (before !== undefined) return before;
    onReplicas?.(replicas);
    const seen = simulateReplicas(profile, busiest, { replicas, requests });
    known.set(replicas, seen);
    return seen;
  };
  const holds = (replicas: number): boolean => look(replicas).inTime >= load.share;
  let fails = fewestPossible(profile, busiest) - 1;
  let least = fails + 1;
  for (let step = 1; !holds(least); step *= 2) {
    fails = least;
    // From a few times as many as are needed on nothing waits any more, and what is late then is so with any number.
    if (look(least).busy < 0.02 || least + step > mostReplicas) throw unattainable(look(least), load);
    least += step;
  }
  while (least - fails > 1) {
    const middle = (fails + least) >> 1;
    if (holds(middle)) least = middle;
    else fails = middle;
  }
  const around = [least - 2, least - 1, least, least + 1, least + 2].filter((replicas) => replicas > 0);
  const outlooks = around.map((replicas): Outlook => {
    const { inTime: inTimeWithReserve } = look(replicas);
    const seen = load.reserve === 0 ? look(replicas) : simulateReplicas(profile, load, { replicas, requests });
    return { ...seen, inTimeWithReserve };
  });
  return { least, outlooks };
}

/** Fewer are busy all the time, and not done. */
function fewestPossible({ times, maxRows, instances }: ModelProfile, { rate, rows, share }: Load): number {
  const batchMs = batchCurve(times, maxRows);
  let perRowMs = Number.POSITIVE_INFINITY;
  for (let size = 1; size <= maxRows; size += 1) perRowMs = Math.min(perRowMs, batchMs(size) / size);
  return Math.max(1, Math.floor((rate * rows * share * perRowMs) / 1000 / instances));
}

function requireFeasible({ times, maxRows, marginMs, model }: ModelProfile, { rows, deadlineMs }: Load): void {
  const aloneMs = batchCurve(times, maxRows)(rows) * plannedMargin + marginMs;
  if (aloneMs <= deadlineMs) return;
  const request = rows === 1 ? 'one row' : `${rows} rows`;
  throw new WeftError(
    'FAILED_PRECONDITION',
    `no number of replicas is enough: ${model} takes ${aloneMs.toFixed(1)} ms for ${request} alone, and the deadline is ${deadlineMs} ms`,
  );
}

function unattainable({ replicas, inTime: reached }: SimulatedLoad, { share }: Load): WeftError {
  return new WeftError(
    'FAILED_PRECONDITION',
    `no number of replicas is enough: even ${replicas} answer ${percent(reached)} in time, and not ${percent(share)}; a longer deadline or a faster model is`,
  );
}

const percent = (part: number): string => `${Number((100 * part).toFixed(2))}%`;

export type SimulatedLoad = Omit<Outlook, 'inTimeWithReserve'>;

export interface SimulatedRun {
  readonly replicas: number;
  readonly requests?: number | undefined;
}

export function simulateReplicas(
  profile: ModelProfile,
  load: Omit<Load, 'reserve'>,
  { replicas, requests: atLeast = fewestRequests }: SimulatedRun,
): SimulatedLoad {
  const { maxRows, times, deviation, marginMs, instances } = profile;
  const { rate, rows, deadlineMs, share } = load;
  const batchMs = batchCurve(times, maxRows);
  const requests = Math.min(mostRequests, Math.max(atLeast, lateOnes / (1 - share)));
  const countFromMs = Math.max(leastWarmUpMs, 3 * deadlineMs);
  const countMs = Math.max((1000 * requests) / rate, leastBatches * batchMs(maxRows));
  const run = simulate({
    model: { replicas: replicas * instances, maxRows, deadlineMs, batchMs },
    policy: adaptive,
    placement: 'one',
    requestsPerMs: () => rate / 1000,
    rows,
    durationMs: countFromMs + countMs,
    countFromMs,
    seed: 1,
    // All between the two bounds is equally likely: on average they lie half as far away.
    noise: 2 * deviation,
    overheadMs: marginMs / 2,
    marginMs,
  });
  const timely = run.requests.filter(inTime).length / run.requests.length;
  const waits = run.requests
    .map(({ answeredMs, arrivedMs }) => (Number.isNaN(answeredMs) ? Number.POSITIVE_INFINITY : answeredMs - arrivedMs))
    .sort((a, b) => a - b);
  const at = (share: number): number => waits[Math.ceil(share * waits.length) - 1] ?? Number.NaN;
  const busyMs = run.batches.reduce(
    (sum, { startedMs, tookMs }) => sum + Math.max(0, Math.min(tookMs, countFromMs + countMs - startedMs)),
    0,
  );
  return {
    replicas,
    inTime: timely,
    goodput: rate * timely,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    busy: busyMs / (replicas * instances * countMs),
    batchRows: usualBatch(run.batches),
  };
}

/** Half of all rows ride in batches of at most so many. */
function usualBatch(batches: Simulated['batches']): number {
  const sizes = batches.map(({ rows }) => rows).sort((a, b) => a - b);
  const half = sizes.reduce((sum, rows) => sum + rows, 0) / 2;
  let seen = 0;
  return sizes.find((rows) => (seen += rows) >= half) ?? 0;
}
