// One run in simulated time: requests arrive as a Poisson process, wait at stations, and are answered by replicas whose
// times scatter. The scheduler is the mesh's own; only time, arrivals and replicas are made up. The bench `sim` compares
// strategies by it, and `weft plan` counts replicas.
import type { BatchPolicy } from '../batch-policy.ts';
import { HeapEntry, IndexedHeap } from '../indexed-heap.ts';
import { LatencyProfile } from '../latency-profile.ts';
import { createRandom, type Random } from './random.ts';
import { type SimReplica, type SimRequest, Station } from './station.ts';

/** What is simulated: replicas of one instance each, all alike. */
export interface SimModel {
  readonly replicas: number;
  readonly maxRows: number;
  /** How long a client waits for its answer. */
  readonly deadlineMs: number;
  /** s(b): how long a batch of so many rows usually takes, ms. */
  readonly batchMs: (rows: number) => number;
}

/** `one`: a single queue for all replicas. The others choose a replica, with a queue of its own, when a request arrives. */
export type Placement = 'one' | 'round-robin' | 'p2c';

export interface Scenario {
  readonly model: SimModel;
  readonly policy: BatchPolicy;
  readonly placement: Placement;
  /** Requests per ms that arrive at an instant. */
  readonly requestsPerMs: (nowMs: number) => number;
  /** Of each request; 1 by default. */
  readonly rows?: number;
  readonly durationMs: number;
  /** Requests that arrive before are not counted, nor batches that start before. */
  readonly countFromMs: number;
  readonly seed: number;
  /** How far a batch's time lies from the usual one at most, as a share of it; all in between is equally likely. */
  readonly noise?: number;
  /** How much longer than usual a batch takes that starts now. */
  readonly slowness?: (nowMs: number) => number;
  /** Replica 0 stands still for `ms` every `everyMs`. */
  readonly pause?: { readonly everyMs: number; readonly ms: number };
  /** What an answer is on its way, beside its batch's time; 0 by default. No instance is busy with it. */
  readonly overheadMs?: number;
  /** What the scheduler leaves of each deadline for that; 0 by default. */
  readonly marginMs?: number;
}

export interface SimBatch {
  readonly startedMs: number;
  readonly tookMs: number;
  readonly rows: number;
}

/** What counts, in the order of arrival and of start. */
export interface Simulated {
  readonly requests: readonly SimRequest[];
  readonly batches: readonly SimBatch[];
}

interface Timer {
  readonly fire: () => void;
}

/** Everything that arrives until `durationMs` is answered or dropped; the same for the same scenario. */
export function simulate(scenario: Scenario): Simulated {
  const { model, policy, placement, requestsPerMs, rows: rowsOfEach = 1, durationMs, countFromMs, seed } = scenario;
  const { overheadMs = 0, marginMs = 0 } = scenario;
  const random = createRandom(seed);
  const timeline = new IndexedHeap<Timer>();
  const requests: SimRequest[] = [];
  const batches: SimBatch[] = [];
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
    const tookMs = timeOf(scenario, random, { replica, rows, now });
    if (now >= countFromMs) batches.push({ startedMs: now, tookMs, rows });
    at(now + tookMs, () => done(tookMs));
  };

  const replicas = Array.from({ length: model.replicas }, (_, index) => startReplica(scenario, random, index));
  const groups = placement === 'one' ? [replicas] : replicas.map((replica) => [replica]);
  const stations = groups.map(
    (group) => new Station({ policy, replicas: group, run, wakeAt, now: () => now, overheadMs, marginMs }),
  );
  const place = placer(placement, stations, random);
  const alike = { rows: rowsOfEach, byteSize: 0, priority: 0, tenant: '' };

  const arrive = (): void => {
    if (now >= durationMs) return;
    const deadlineMs = now + model.deadlineMs;
    const request = { ...alike, deadlineMs, arrivedMs: now, answeredMs: Number.NaN, droppedMs: Number.NaN };
    if (now >= countFromMs) requests.push(request);
    place().arrive(request);
    at(now + random.exponential(requestsPerMs(now)), arrive);
  };
  at(0, arrive);
  for (let next = timeline.peek(); next !== undefined; next = timeline.peek()) {
    timeline.remove(next);
    now = next.key;
    next.value.fire();
  }
  return { requests, batches };
}

export function inTime({ answeredMs, deadlineMs }: SimRequest): boolean {
  return answeredMs <= deadlineMs;
}

function placer(placement: Placement, stations: readonly Station[], random: Random): () => Station {
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
  const { maxRows, batchMs } = scenario.model;
  const sizes = [1, Math.ceil(maxRows / 2), maxRows];
  const noisy = (rows: number): number => scattered(scenario, random, batchMs(rows));
  const measurements = sizes.map((rows) => ({ rows, ms: noisy(rows) }));
  return { index, profile: new LatencyProfile(maxRows, measurements), busy: false, freeAtMs: 0 };
}

function timeOf(
  scenario: Scenario,
  random: Random,
  { replica, rows, now }: { replica: SimReplica; rows: number; now: number },
): number {
  const { model, slowness, pause } = scenario;
  const tookMs = scattered(scenario, random, model.batchMs(rows) * (slowness?.(now) ?? 1));
  if (pause === undefined || replica.index !== 0) return tookMs;
  const paused = Math.floor(now / pause.everyMs) !== Math.floor((now + tookMs) / pause.everyMs);
  return paused ? tookMs + pause.ms : tookMs;
}

function scattered({ noise = 0.05 }: Scenario, random: Random, ms: number): number {
  return ms * (1 + noise * (2 * random.uniform() - 1));
}
