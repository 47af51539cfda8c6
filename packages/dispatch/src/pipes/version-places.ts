// The replicas of one model version as its streams see them: who gets a slot is the queue's to say (slot-queue.ts), how many slots
// each replica has for this process is said here, by what became of the streams before (replica-room.ts).
//
// A stream that finds every replica full waits here. Of those that wait one at a time stands in line at each full replica too, first
// come first served there among all routers; for a second at most, then it tries the next one.
//
// A stream that ends badly before its first response counts against its replica, as a failed call does: who fails fast is always the
// least taken, and would get all of them (outlier-ejection.ts in flow).
import { type Clock, OutlierEjection } from '@weft/flow';
import type { LaneObserver } from '../lanes/lane-observer.ts';
import type { PipeEnd } from './pipe.ts';
import { ReplicaRoom } from './replica-room.ts';
import type { Applicant } from './slot-line.ts';
import type { Lease, SlotQueue } from './slot-queue.ts';

export interface VersionPlacesOptions {
  readonly clock: Clock;
  readonly queue: SlotQueue<string>;
  readonly observer: Pick<LaneObserver, 'onEjected' | 'onReadmitted'>;
}

/** A slot at a replica, and what becomes of it. */
export interface PlaceLease {
  readonly key: string;
  /** How long the stream should wait there if there is none after all. */
  readonly patienceMs: number;
  /** `begun` should be told. */
  readonly hearsOfBegin: boolean;
  begun(): void;
  answered(): void;
  /** To be called once the stream is over there, undefined when it was left; calling it again does nothing. */
  release(end?: PipeEnd): void;
}

/** In line at a replica, while another one may become free. */
const mostPatienceMs = 1000;

export class VersionPlaces {
  readonly #options: VersionPlacesOptions;
  readonly #rooms = new Map<string, ReplicaRoom>();
  readonly #ejection = new OutlierEjection<ReplicaRoom>();
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelWake: () => void = () => {};

  constructor(options: VersionPlacesOptions) {
    this.#options = options;
  }

  /** Slots of all replicas, whoever has them. */
  get slots(): number {
    let slots = 0;
    for (const room of this.#rooms.values()) slots += room.slots;
    return slots;
  }

  setPlaces(wanted: ReadonlyMap<string, number>): void {
    for (const key of [...this.#rooms.keys()]) if (!wanted.has(key)) this.#rooms.delete(key);
    for (const [key, slots] of wanted) {
      let room = this.#rooms.get(key);
      if (room === undefined) this.#rooms.set(key, (room = new ReplicaRoom()));
      room.describe(slots);
    }
    this.#apply();
  }

  /** As the queue's, but that a slot may prove taken. */
  async acquire(applicant: Applicant<string>): Promise<PlaceLease | undefined> {
    const acquired = this.#options.queue.acquire(applicant);
    this.#tryMore();
    const lease = await acquired;
    return lease === undefined ? undefined : this.#lease(lease);
  }

  #lease(lease: Lease<string>): PlaceLease {
    const { clock, queue } = this.#options;
    const { key } = lease;
    const room = this.#rooms.get(key);
    const sinceMs = clock.now();
    if (room?.circuit.state(sinceMs) === 'half-open') {
      room.circuit.take(sinceMs);
      this.#apply();
    }
    // Where there is room elsewhere it need not wait for any.
    const patienceMs = queue.full ? mostPatienceMs : 0;
    const hearsOfBegin = patienceMs > 0 || room?.shared === true;
    room?.took({ hearsOfBegin });
    let held = true;
    let unconfirmed = hearsOfBegin;
    let judged = false;
    const confirm = (): void => {
      if (!unconfirmed) return;
      unconfirmed = false;
      room?.settled();
      // Not before a stream that was refused is back in the line, and has its turn.
      queueMicrotask(() => this.#tryMore());
    };
    const judge = (failed: boolean): void => {
      if (judged || room === undefined) return;
      judged = true;
      this.#judge({ key, room, failed, sinceMs });
    };
    return {
      key,
      patienceMs,
      hearsOfBegin,
      begun: confirm,
      answered() {
        confirm();
        judge(false);
      },
      release: (end) => {
        if (!held) return;
        held = false;
        if (end?.move === 'full' && room !== undefined) {
          room.refuse(queue.openAt(key), clock.now());
          this.#apply();
        } else if (end !== undefined && end.move !== 'unbegun' && isVerdict(end)) judge(end.error !== undefined);
        lease.release();
        confirm();
      },
    };
  }

  #judge({ key, room, failed, sinceMs }: { key: string; room: ReplicaRoom; failed: boolean; sinceMs: number }): void {
    const { clock, observer } = this.#options;
    // What began before it was ejected is no new finding.
    if (sinceMs < room.failingSinceMs || this.#rooms.get(key) !== room) return;
    const nowMs = clock.now();
    const { circuit } = room;
    const before = circuit.state(nowMs);
    this.#ejection.report(room, { failed }, nowMs);
    if (failed) circuit.fail(nowMs);
    else circuit.succeed(nowMs);
    if (before !== 'closed' && circuit.state(nowMs) === 'closed') observer.onReadmitted(key);
    for (const worse of failed ? this.#ejection.verdict([...this.#rooms.values()], nowMs) : []) {
      worse.failingSinceMs = nowMs;
      worse.circuit.trip(nowMs);
      observer.onEjected(this.#keyOf(worse), 'its streams fail more than those of the others');
    }
    if (before !== 'closed' || failed) this.#apply();
  }

  #keyOf(room: ReplicaRoom): string {
    return [...this.#rooms].find(([, other]) => other === room)?.[0] ?? '';
  }

  /** Of those that wait one goes on to each replica that was full, the one that was not asked for longest first. */
  #tryMore(): void {
    const { clock, queue } = this.#options;
    while (queue.waiting > 0) {
      const nowMs = clock.now();
      const [next] = [...this.#rooms.values()]
        .filter((room) => room.mayTry(nowMs))
        .sort((a, b) => a.refusedMs - b.refusedMs);
      if (next === undefined) return;
      next.try();
      this.#apply();
    }
  }

  /** Tells the queue, now and when a circuit lets one through. */
  #apply(): void {
    const { clock, queue } = this.#options;
    const nowMs = clock.now();
    const places = [...this.#rooms].map(([key, room]) => [key, room.most(queue.openAt(key), nowMs)] as const);
    queue.setPlaces(new Map(places));
    const atMs = Math.min(...[...this.#rooms.values()].map(({ circuit }) => circuit.nextChangeMs(nowMs)));
    if (atMs === this.#wakeAtMs) return;
    this.#cancelWake();
    this.#wakeAtMs = atMs;
    const wake = (): void => {
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#apply();
    };
    this.#cancelWake = Number.isFinite(atMs) ? clock.setTimer(atMs - nowMs, wake) : () => {};
  }
}

/** Whether it says something of the replica: that it answered, or that it could not. */
function isVerdict({ error }: PipeEnd): boolean {
  return error === undefined || error.code === 'INTERNAL' || error.code === 'UNAVAILABLE';
}
