// The frames of one stream between their arrival and their answers, which leave in the order of arrival. A frame that may be
// dropped waits only until a newer one comes: so the wait of what is looked at is at most the time between two frames. The last one
// before a pause waits for as long as it takes, unless it has a greatest age. Frames that may not be dropped hold up the reading of
// further ones instead.

/** Frames that wait though a newer one does. With one at work and one behind it, an instance is never without work. */
const maxKept = 2;
/** Frames without an answer that the client has taken. Beyond it nothing more is read: answers wait for who does not read them. */
const maxUntaken = 64;

export interface Arrival<Frame> {
  readonly frame: Frame;
  readonly droppable: boolean;
  /** When it was taken: its age counts from then. */
  readonly takenMs: number;
  /** At its turn; undefined: any. */
  readonly maxAgeMs: number | undefined;
  /** What it is answered with if a newer frame comes before its turn, or that comes too late. */
  skipped(ageMs: number): object;
}

interface Place {
  answer: object | undefined;
}

/** A frame whose turn it is; to be answered once. */
export interface Turn<Frame> {
  readonly frame: Frame;
  readonly ageMs: number;
  readonly answer: (answer: object) => void;
}

interface Waiting<Frame> {
  readonly arrival: Arrival<Frame>;
  readonly place: Place;
}

/** Instants are of one clock, the caller's. */
export class FrameLine<Frame> {
  /** In the order of arrival; the first is the next to be answered. */
  readonly #places: Place[] = [];
  #waiting: Waiting<Frame>[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #onChange: () => void = () => {};
  #onRoom: () => void = () => {};

  arrive(arrival: Arrival<Frame>, nowMs: number): void {
    if (this.#end !== undefined) return;
    for (const { arrival: older, place } of this.#waiting)
      if (older.droppable) place.answer = older.skipped(ageOf(older, nowMs));
    this.#waiting = this.#waiting.filter(({ arrival: older }) => !older.droppable);
    const place: Place = { answer: undefined };
    this.#places.push(place);
    this.#waiting.push({ arrival, place });
    this.#onChange();
  }

  /** A frame that nobody is to look at: its answer leaves in its turn. */
  refuse(answer: object): void {
    if (this.#end !== undefined) return;
    this.#places.push({ answer });
    this.#onChange();
  }

  /** Whether a frame waits for its turn. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** The oldest frame that waits and is not too old. */
  take(nowMs: number): Turn<Frame> | undefined {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { arrival, place } = next;
      this.#tellRoom();
      const answer = (given: object): void => {
        place.answer = given;
        this.#onChange();
      };
      const ageMs = ageOf(arrival, nowMs);
      if (ageMs <= (arrival.maxAgeMs ?? ageMs)) return { frame: arrival.frame, ageMs, answer };
      answer(arrival.skipped(ageMs));
    }
    return undefined;
  }

  /** Nothing more arrives: what has is still answered, and then comes the error if there is one. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#onChange();
  }

  /** Nothing more is answered. */
  fail(error: Error): void {
    this.#end = { error };
    this.#waiting = [];
    this.#places.length = 0;
    this.#onChange();
    this.#onRoom();
  }

  /** Resolves when a further frame may come. */
  async room(): Promise<void> {
    while (this.#full) await new Promise<void>((resolve) => (this.#onRoom = resolve));
  }

  /** The answers, for one reader. */
  async *answers(): AsyncGenerator<object, void, undefined> {
    for (;;) {
      const answer = this.#places[0]?.answer;
      if (answer !== undefined) {
        yield answer;
        // Only now: until the reader comes back it has not been taken.
        this.#places.shift();
        this.#tellRoom();
      } else if (this.#end !== undefined && this.#places.length === 0) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      } else await new Promise<void>((resolve) => (this.#onChange = resolve));
    }
  }

  get #full(): boolean {
    const kept = this.#waiting.filter(({ arrival }) => !arrival.droppable).length;
    return kept >= maxKept || this.#places.length >= maxUntaken;
  }

  #tellRoom(): void {
    if (!this.#full) this.#onRoom();
  }
}

function ageOf({ takenMs }: Arrival<unknown>, nowMs: number): number {
  return Math.floor(nowMs - takenMs);
}
