// What one item costs the scheduler while 10,000 wait: CPU of this process for appending it, and for its part of a batch that
// leaves in its place; and under overload, for deciding on it at the door, where most are turned away. Four tenants in two
// classes, so that no order is trivial.
import { adaptive, BatchScheduler, type Instances, LatencyProfile, type Offered } from '@weft/flow';
import { createRandom } from '@weft/flow/simulation';
import { median } from '../statistics.ts';

const waiting = 10_000;
const batchRows = 32;
const count = 8;
const rounds = 500;
const repetitions = 7;

export interface SchedulerCost {
  /** Microseconds of CPU for one item that waits and leaves in a batch. */
  readonly itemMicros: number;
  /** The same for one that arrives under overload: admitted and served, or turned away. */
  readonly overloadMicros: number;
}

/** Each the median of seven measurements. */
export function schedulerCost(): SchedulerCost {
  return { itemMicros: served(), overloadMicros: overloaded() };
}

interface Setting {
  readonly scheduler: BatchScheduler<Offered>;
  readonly offer: () => Offered;
  /** Moves time by a hundredth of a millisecond. */
  readonly tick: () => void;
  readonly now: () => number;
  readonly instances: (free: number) => Instances;
}

/** A scheduler, and items that are to be answered within `atLeastMs` to `atMostMs`. */
function setUp(atLeastMs: number, atMostMs: number): Setting {
  const random = createRandom(1);
  const profile = new LatencyProfile(batchRows, [
    { rows: 1, ms: 9 },
    { rows: batchRows, ms: 40 },
  ]);
  let nowMs = 0;
  const scheduler = new BatchScheduler<Offered>(
    { policy: adaptive, maxRows: batchRows, maxBytes: Number.POSITIVE_INFINITY },
    nowMs,
  );
  const offer = (): Offered => {
    const draw = Math.floor(random.uniform() * 8);
    const withinMs = atLeastMs + random.uniform() * (atMostMs - atLeastMs);
    return { rows: 1, byteSize: 100, deadlineMs: nowMs + withinMs, priority: draw % 2, tenant: `tenant-${draw >> 1}` };
  };
  const ends = new Array<number>(count).fill(0);
  const endsMs = (): number[] => {
    for (const at of ends.keys()) ends[at] = nowMs + 5 * at;
    return ends;
  };
  return {
    scheduler,
    offer,
    tick: () => void (nowMs += 0.01),
    now: () => nowMs,
    instances: (free) => ({ profile, fastest: profile, marginMs: 1, count, free, endsMs }),
  };
}

function served(): number {
  const { scheduler, offer, tick, now, instances } = setUp(1e6, 1e6 + 1000);
  const append = (): void => scheduler.append(offer(), now(), instances(0).profile);
  // As the router does: it asks after every arrival, and most of the time no instance is free.
  const round = (): number => {
    for (let at = 0; at < batchRows; at += 1) {
      tick();
      append();
      scheduler.turn(now(), instances(0));
    }
    const { batch } = scheduler.turn(now(), instances(1));
    if (batch?.rows !== batchRows) throw new Error(`a batch of ${batch?.rows ?? 0} rows left a queue of ${waiting}`);
    return batchRows;
  };
  for (let at = 0; at < waiting; at += 1) append();
  return micros(round);
}

/** The eight instances serve about six rows in a millisecond: ten thousand keep them busy for longer than most can wait. */
function overloaded(): number {
  const { scheduler, offer, tick, now, instances } = setUp(250, 1700);
  const { profile } = instances(0);
  const refill = (): void => {
    while (scheduler.size < waiting) scheduler.append(offer(), now(), profile);
  };
  let turnedAway = 0;
  const round = (): number => {
    for (let at = 0; at < 3 * batchRows; at += 1) {
      tick();
      const item = offer();
      if (scheduler.admits(item, now(), instances(0))) scheduler.append(item, now(), profile);
      else turnedAway += 1;
      scheduler.turn(now(), instances(0));
    }
    scheduler.turn(now(), instances(1));
    refill();
    return 3 * batchRows;
  };
  refill();
  const cost = micros(round);
  if (turnedAway === 0) throw new Error('nobody was turned away under overload');
  return cost;
}

/** CPU of each of the items of a round. */
function micros(round: () => number): number {
  const measured = Array.from({ length: repetitions + 1 }, () => {
    const before = process.cpuUsage();
    let items = 0;
    for (let at = 0; at < rounds; at += 1) items += round();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / items;
  });
  // The first ones are the compiler's.
  return median(measured.slice(1));
}
