// Who may begin a stream, and where: places have slots, a stream holds one from its beginning to its end. Who finds none free
// waits, first come first served, until one is free, its deadline passes or it leaves; the line has a limit. A router runs one for
// each model version over its replicas, a replica one over its instances.
import { refusal, WeftError } from '@weft/errors';
import type { Clock } from '@weft/flow';

export interface SlotQueueOptions {
  readonly clock: Clock;
  /** Whose queue this is, for people. */
  readonly model: string;
  readonly maxWaiting: number;
}

export interface Applicant<Key> {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** A place to take only if there is no other one. */
  readonly avoid?: Key | undefined;
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

interface Waiting<Key> {
  readonly avoid: Key | undefined;
  settle(lease: Lease<Key> | undefined): void;
}

export class SlotQueue<Key> {
  readonly #options: SlotQueueOptions;
  /** The one that was taken last is the last: equals take turns. */
  #places: Place<Key>[] = [];
  readonly #waiting = new Set<Waiting<Key>>();

  constructor(options: SlotQueueOptions) {
    this.#options = options;
  }

  /** Streams that hold a slot, where there still is one. */
  get open(): number {
    return this.#places.reduce((sum, { open }) => sum + open, 0);
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** The places that there are now. A key that was away is a new place: what it had before counts no more. */
  setPlaces(wanted: ReadonlyMap<Key, number>): void {
    this.#places = this.#places.filter(({ key }) => wanted.has(key));
    for (const [key, slots] of wanted) {
      const known = this.#places.find((place) => place.key === key);
      if (known === undefined) this.#places.push({ key, slots, open: 0 });
      else known.slots = slots;
    }
    if (this.#places.length === 0) for (const waiting of [...this.#waiting]) waiting.settle(undefined);
    this.#grant();
  }

  /**
   * A slot, as soon as there is one; undefined when there is no place at all, or no more. Throws RESOURCE_EXHAUSTED when the line
   * is full, DEADLINE_EXCEEDED, and the signal's reason.
   */
  async acquire(applicant: Applicant<Key>): Promise<Lease<Key> | undefined> {
    applicant.signal.throwIfAborted();
    if (this.#places.length === 0) return undefined;
    const place = this.#waiting.size === 0 ? this.#choose(applicant.avoid) : undefined;
    if (place !== undefined) return this.#take(place);
    if (this.#waiting.size >= this.#options.maxWaiting)
      throw refusal('RESOURCE_EXHAUSTED', `Exceeds maximum queue size: all streams of ${this.#model} are taken`, {
        retryAfterMs: pushbackMs,
      });
    return this.#wait(applicant);
  }

  get #model(): string {
    return `model '${this.#options.model}'`;
  }

  #wait({ deadlineMs, signal, avoid }: Applicant<Key>): Promise<Lease<Key> | undefined> {
    const { clock } = this.#options;
    const sinceMs = clock.now();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting);
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
      };
      const fail = (reason: unknown): void => {
        leave();
        reject(reason as Error);
      };
      const onAbort = (): void => fail(signal.reason);
      const waiting: Waiting<Key> = {
        avoid,
        settle(lease) {
          leave();
          resolve(lease);
        },
      };
      const expire = (): void => {
        const waitedMs = (clock.now() - sinceMs).toFixed(0);
        const text = `Request timeout expired: the deadline passed after ${waitedMs} ms in the line for a stream of ${this.#model}`;
        fail(new WeftError('DEADLINE_EXCEEDED', text));
      };
      const cancelTimer = Number.isFinite(deadlineMs) ? clock.setTimer(deadlineMs - sinceMs, expire) : () => {};
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiting);
    });
  }

  #grant(): void {
    for (const waiting of [...this.#waiting]) {
      const place = this.#choose(waiting.avoid);
      if (place === undefined) return;
      waiting.settle(this.#take(place));
    }
  }

  /** Of those with a free slot the one that is least taken in proportion. */
  #choose(avoid: Key | undefined): Place<Key> | undefined {
    const free = this.#places.filter(({ open, slots }) => open < slots);
    const others = free.filter(({ key }) => key !== avoid);
    const candidates = others.length > 0 ? others : free;
    return candidates.reduce<Place<Key> | undefined>(
      (best, place) => (best === undefined || place.open / place.slots < best.open / best.slots ? place : best),
      undefined,
    );
  }

  #take(place: Place<Key>): Lease<Key> {
    place.open++;
    this.#places.push(...this.#places.splice(this.#places.indexOf(place), 1));
    let held = true;
    return {
      key: place.key,
      release: () => {
        if (!held) return;
        held = false;
        place.open--;
        this.#grant();
      },
    };
  }
}

/** How long a stream lasts nobody knows. */
const pushbackMs = 1000;
