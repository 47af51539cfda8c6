// Who may begin a stream, and where: places have slots, a stream holds one from its beginning to its end. Who finds none free
// waits (slot-line.ts) until it is its turn, its deadline passes or it leaves. A router runs one for each model version over its
// replicas, a replica one over its instances.
import type { Clock } from '@weft/flow';
import type { Scheduling } from '@weft/models';
import { type Applicant, SlotLine, type SlotObserver } from './slot-line.ts';

export interface SlotQueueOptions<Key> {
  readonly clock: Clock;
  /** Whose queue this is, for people. */
  readonly model: string;
  readonly maxWaiting: number;
  /** Of what those keep; no limit unless said. */
  readonly maxWaitingBytes?: number;
  /** What the model's configuration says of classes and tenants; as without any, unless said. */
  readonly scheduling?: Scheduling;
  readonly observer?: SlotObserver;
  /** Of places that are as much taken the one with the least is chosen. */
  readonly loadOf?: (key: Key) => number;
}

export interface Lease<Key> {
  readonly key: Key;
  /** To be called once the stream has ended; calling it again does nothing. */
  release(): void;
}

interface Place<Key> {
  readonly key: Key;
  slots: number;
  open: number;
}

export class SlotQueue<Key> {
  /** The one that was taken last is the last: equals take turns. */
  #places: Place<Key>[] = [];
  readonly #line: SlotLine<Key, Lease<Key>>;
  readonly #loadOf: (key: Key) => number;

  constructor(options: SlotQueueOptions<Key>) {
    this.#loadOf = options.loadOf ?? (() => 0);
    this.#line = new SlotLine(options);
  }

  /** Streams that hold a slot, where there still is one. */
  get open(): number {
    return this.#places.reduce((sum, { open }) => sum + open, 0);
  }

  /** Of all places. */
  get slots(): number {
    return this.#places.reduce((sum, { slots }) => sum + slots, 0);
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** A newcomer has to wait. */
  get full(): boolean {
    return this.#line.size > 0 || this.#choose(undefined) === undefined;
  }

  /** Streams that hold a slot of a place. */
  openAt(key: Key): number {
    return this.#places.find((place) => place.key === key)?.open ?? 0;
  }

  /** The model's configuration is another one: that holds for those who wait, too. */
  reschedule(scheduling: Scheduling): void {
    this.#line.reschedule(scheduling);
  }

  /** The places that there are now. A key that was away is a new place: what it had before counts no more. */
  setPlaces(wanted: ReadonlyMap<Key, number>): void {
    this.#places = this.#places.filter(({ key }) => wanted.has(key));
    for (const [key, slots] of wanted) {
      const known = this.#places.find((place) => place.key === key);
      if (known === undefined) this.#places.push({ key, slots, open: 0 });
      else known.slots = slots;
    }
    if (this.#places.length === 0) this.#line.dissolve();
    else this.#grant();
  }

  /**
   * A slot, as soon as there is one; undefined when there is no place at all, or no more. Throws RESOURCE_EXHAUSTED when the line
   * is full or others need its room, DEADLINE_EXCEEDED, and the signal's reason.
   */
  async acquire(applicant: Applicant<Key>): Promise<Lease<Key> | undefined> {
    applicant.signal.throwIfAborted();
    if (this.#places.length === 0) return undefined;
    const place = this.#line.size === 0 ? this.#choose(applicant.avoid) : undefined;
    if (place === undefined) return this.#line.wait(applicant);
    this.#line.pass(applicant);
    return this.#take(place, applicant.tenant);
  }

  #grant(): void {
    while (this.#line.size > 0 && this.#choose(undefined) !== undefined) {
      const waiting = this.#line.take(this.slots);
      const place = waiting && this.#choose(waiting.avoid);
      if (waiting === undefined || place === undefined) return;
      waiting.settle(this.#take(place, waiting.tenant));
    }
  }

  /** Of those with a free slot the one that is least taken in proportion, then the least loaded. */
  #choose(avoid: Key | undefined): Place<Key> | undefined {
    const free = this.#places.filter(({ open, slots }) => open < slots);
    const others = free.filter(({ key }) => key !== avoid);
    const candidates = others.length > 0 ? others : free;
    return candidates.reduce<Place<Key> | undefined>(
      (best, place) => (best === undefined || this.#before(place, best) ? place : best),
      undefined,
    );
  }

  #before(one: Place<Key>, other: Place<Key>): boolean {
    const more = one.open / one.slots - other.open / other.slots;
    return more < 0 || (more === 0 && this.#loadOf(one.key) < this.#loadOf(other.key));
  }

  #take(place: Place<Key>, tenant = ''): Lease<Key> {
    place.open++;
    this.#places.push(...this.#places.splice(this.#places.indexOf(place), 1));
    this.#line.shares.take(tenant);
    let held = true;
    return {
      key: place.key,
      release: () => {
        if (!held) return;
        held = false;
        place.open--;
        this.#line.shares.giveBack(tenant);
        this.#grant();
      },
    };
  }
}
