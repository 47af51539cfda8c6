// A queue and the replicas that it feeds, in simulated time: one station with all replicas, or one for each replica.
import type { BatchPolicy } from '../batch-policy.ts';
import { BatchScheduler } from '../batch-scheduler.ts';
import type { Instances } from '../instances.ts';
import type { LatencyProfile } from '../latency-profile.ts';
import type { Offered } from '../offered.ts';

export interface SimRequest extends Offered {
  readonly arrivedMs: number;
  /** NaN until it is answered; stays so when it is dropped. */
  answeredMs: number;
  /** When it was turned away or dropped; NaN if it was not. */
  droppedMs: number;
}

export interface SimReplica {
  readonly index: number;
  readonly profile: LatencyProfile;
  busy: boolean;
  /** When its batch is expected to end. */
  freeAtMs: number;
}

export interface StationOptions {
  readonly policy: BatchPolicy;
  readonly replicas: readonly SimReplica[];
  /** Runs a batch; calls `done` at its end in simulated time. */
  readonly run: (replica: SimReplica, rows: number, done: (tookMs: number) => void) => void;
  /** Calls `wake` at that instant, in place of any instant given before. */
  readonly wakeAt: (station: Station, instantMs: number) => void;
  readonly now: () => number;
  readonly overheadMs: number;
  readonly marginMs: number;
}

export class Station {
  /** Waiting and running. */
  inflight = 0;
  readonly #options: StationOptions;
  readonly #scheduler: BatchScheduler<SimRequest>;

  constructor(options: StationOptions) {
    this.#options = options;
    const { policy, replicas, now } = options;
    const maxRows = (replicas[0] as SimReplica).profile.maxRows;
    this.#scheduler = new BatchScheduler({ policy, maxRows, maxBytes: Number.POSITIVE_INFINITY }, now());
  }

  arrive(request: SimRequest): void {
    const { now } = this.#options;
    const instances = this.#instances(this.#chosen());
    if (!this.#scheduler.admits(request, now(), instances)) {
      request.droppedMs = now();
      return;
    }
    this.inflight += 1;
    this.#scheduler.append(request, now(), instances.profile);
    this.ask();
  }

  /** Sends whatever is to be sent now. */
  ask(): void {
    const { now, wakeAt } = this.#options;
    for (;;) {
      const replica = this.#chosen();
      const { dropped, batch, askAgainMs } = this.#scheduler.turn(now(), this.#instances(replica));
      this.inflight -= dropped.length;
      for (const item of dropped) item.droppedMs = now();
      if (batch === undefined) {
        wakeAt(this, askAgainMs);
        return;
      }
      this.#send(replica, batch);
    }
  }

  #send(replica: SimReplica, { items, rows }: { items: readonly SimRequest[]; rows: number }): void {
    const { run, now, overheadMs } = this.#options;
    replica.busy = true;
    replica.freeAtMs = now() + replica.profile.meanMs(rows);
    run(replica, rows, (tookMs) => {
      replica.busy = false;
      this.inflight -= items.length;
      replica.profile.learn({ rows, ms: tookMs });
      for (const item of items) item.answeredMs = now() + overheadMs;
      this.ask();
    });
  }

  #instances({ profile }: SimReplica): Instances {
    const { replicas, marginMs } = this.#options;
    const free = replicas.reduce((sum, { busy }) => sum + (busy ? 0 : 1), 0);
    const endsMs = (): number[] => replicas.map(({ freeAtMs }) => freeAtMs).sort((a, b) => a - b);
    const fastest = replicas.reduce((best, one) =>
      one.profile.meanMs(1) < best.profile.meanMs(1) ? one : best,
    ).profile;
    return { profile, fastest, marginMs, count: replicas.length, free, endsMs };
  }

  /** The fastest replica that is free, or else the fastest. */
  #chosen(): SimReplica {
    let chosen = this.#options.replicas[0] as SimReplica;
    for (const replica of this.#options.replicas) {
      const better = replica.profile.meanMs(1) < chosen.profile.meanMs(1);
      if (chosen.busy === replica.busy ? better : chosen.busy) chosen = replica;
    }
    return chosen;
  }
}
