// What one item costs the scheduler while 10,000 wait: CPU of this process for appending it, and for its part of a batch that
// leaves in its place. Four tenants in two classes, so that no order is trivial.
import { adaptive, BatchScheduler, LatencyProfile, type Offered } from '@weft/flow';
import { median } from '../statistics.ts';
import { createRandom } from './random.ts';

const waiting = 10_000;
const batchRows = 32;
const rounds = 500;
const repetitions = 7;

/** Microseconds of CPU for one item, the median of seven measurements. */
export function schedulerCost(): number {
  const random = createRandom(1);
  const profile = new LatencyProfile(batchRows, [
    { rows: 1, ms: 9 },
    { rows: batchRows, ms: 40 },
  ]);
  const maxBytes = Number.POSITIVE_INFINITY;
  const scheduler = new BatchScheduler({ policy: adaptive, maxRows: batchRows, maxBytes }, 0);
  const endsMs = (): number[] => new Array<number>(8).fill(nowMs);
  let nowMs = 0;
  const append = (): void => {
    const draw = Math.floor(random.uniform() * 8);
    const item: Offered = {
      rows: 1,
      byteSize: 100,
      deadlineMs: nowMs + 1e6 + random.uniform() * 1000,
      priority: draw % 2,
      tenant: `tenant-${draw >> 1}`,
    };
    scheduler.append(item, nowMs, profile);
  };
  // As the router does: it asks after every arrival, and most of the time no instance is free.
  const round = (): void => {
    for (let at = 0; at < batchRows; at += 1) {
      nowMs += 0.01;
      append();
      scheduler.turn(nowMs, { profile, fastest: profile, marginMs: 1, count: 8, free: 0, endsMs });
    }
    const { batch } = scheduler.turn(nowMs, { profile, fastest: profile, marginMs: 1, count: 8, free: 1, endsMs });
    if (batch?.rows !== batchRows) throw new Error(`a batch of ${batch?.rows ?? 0} rows left a queue of ${waiting}`);
  };
  for (let at = 0; at < waiting; at += 1) append();
  const micros = Array.from({ length: repetitions + 1 }, () => {
    const before = process.cpuUsage();
    for (let at = 0; at < rounds; at += 1) round();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (rounds * batchRows);
  });
  // The first ones are the compiler's.
  return median(micros.slice(1));
}
