// One run in simulated time: requests of one row arrive as a Poisson process, wait at stations, and are answered by
// replicas whose times scatter. The scheduler is the product's own; only time, arrivals and replicas are made up.
import { HeapEntry, IndexedHeap, LatencyProfile } from '@weft/flow';
import { createRandom, type Random } from './random.ts';
import { type SimReplica, type SimRequest, Station } from './station.ts';
import type { Strategy } from './strategy.ts';
import { rawCapacity, serviceMs, type Workload } from './workload.ts';

export interface Scenario {
  readonly workload: Workload;
  readonly strategy: Strategy;
  /** Offered load at an instant, as a share of the raw capacity. */
  readonly load: (nowMs: number) => number;
  readonly durationMs: number;
  /** Requests that arrive before are not counted. */
  readonly countFromMs: number;
  readonly seed: number;
  /** How far a batch's time lies from the usual one at most, as a share of it; all in between is equally likely. */
  readonly noise?: number;
  /** How much longer than usual a batch takes that starts now. */
  readonly slowness?: (nowMs: number) => number;
  /** Replica 0 stands still for `ms` every `everyMs`. */
  readonly pause?: { readonly everyMs: number; readonly ms: number };
}

interface Timer {
  readonly fire: () => void;
}

/** The requests that count, in the order of their arrival. */
export function simulate(scenario: Scenario): SimRequest[] {
  const { workload, strategy, load, durationMs, countFromMs, seed } = scenario;
  const random = createRandom(seed);
  const timeline = new IndexedHeap<Timer>();
  const counted: SimRequest[] = [];
  let [now, order] = [0, 0];
  const at = (instantMs: number, fire: () => void): void => timeline.push(new HeapEntry({ fire }, instantMs, order++));

  const wakes = new Map<Station, HeapEntry<Timer>>();
  const wakeAt = (station: Station, instantMs: number): void => {
    const before = wakes.get(station);
    if (before !== undefined) timeline.remove(before);
    if (instantMs === Number.POSITIVE_INFINITY) return;
    const entry = new HeapEntry<Timer>({ fire: () => station.ask() }, Math.max(instantMs, now), order++);
    wakes.set(station, entry);
    timeline.push(entry);
  };
  const run = (replica: SimReplica, rows: number, done: (tookMs: number) => void): void => {
    const tookMs = batchMs(scenario, random, { replica, rows, now });
    at(now + tookMs, () => done(tookMs));
  };

  const replicas = Array.from({ length: workload.replicas }, (_, index) => startReplica(scenario, random, index));
  const groups = strategy.placement === 'one' ? [replicas] : replicas.map((replica) => [replica]);
  const stations = groups.map(
    (group) => new Station({ policy: strategy.policyFor(workload), replicas: group, run, wakeAt, now: () => now }),
  );
  const place = placement(strategy, stations, random);

  const arrive = (): void => {
    if (now >= durationMs) return;
    const deadlineMs = now + workload.deadlineMs;
    const request = { ...oneRow, deadlineMs, arrivedMs: now, answeredMs: Number.NaN, droppedMs: Number.NaN };
    if (now >= countFromMs) counted.push(request);
    place().arrive(request);
    at(now + random.exponential(load(now) * rawCapacity(workload)), arrive);
  };
  at(0, arrive);
  for (let next = timeline.peek(); next !== undefined; next = timeline.peek()) {
    timeline.remove(next);
    now = next.key;
    next.value.fire();
  }
  return counted;
}

const oneRow = { rows: 1, byteSize: 0, priority: 0, tenant: '' } as const;

export function inTime({ answeredMs, deadlineMs }: SimRequest): boolean {
  return answeredMs <= deadlineMs;
}

function placement({ placement }: Strategy, stations: readonly Station[], random: Random): () => Station {
  const station = (index: number): Station => stations[index] as Station;
  if (placement === 'p2c')
    return () => {
      const first = Math.floor(random.uniform() * stations.length);
      const second = (first + 1 + Math.floor(random.uniform() * (stations.length - 1))) % stations.length;
      return station(first).inflight <= station(second).inflight ? station(first) : station(second);
    };
  let turn = 0;
  return () => station(turn++ % stations.length);
}

/** Its profile starts from a warm-up of three batches, as scattered as any other. */
function startReplica(scenario: Scenario, random: Random, index: number): SimReplica {
  const { maxRows } = scenario.workload;
  const sizes = [1, Math.ceil(maxRows / 2), maxRows];
  const noisy = (rows: number): number => scattered(scenario, random, serviceMs(scenario.workload, rows));
  const measurements = sizes.map((rows) => ({ rows, ms: noisy(rows) }));
  return { index, profile: new LatencyProfile(maxRows, measurements), busy: false, freeAtMs: 0 };
}

function batchMs(
  scenario: Scenario,
  random: Random,
  { replica, rows, now }: { replica: SimReplica; rows: number; now: number },
): number {
  const { workload, slowness, pause } = scenario;
  const tookMs = scattered(scenario, random, serviceMs(workload, rows) * (slowness?.(now) ?? 1));
  if (pause === undefined || replica.index !== 0) return tookMs;
  const paused = Math.floor(now / pause.everyMs) !== Math.floor((now + tookMs) / pause.everyMs);
  return paused ? tookMs + pause.ms : tookMs;
}

function scattered({ noise = 0.05 }: Scenario, random: Random, ms: number): number {
  return ms * (1 + noise * (2 * random.uniform() - 1));
}
