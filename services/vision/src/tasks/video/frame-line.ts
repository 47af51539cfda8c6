// The frames of one stream between their arrival and their answers, which leave in the order of arrival. A frame that may be
// dropped waits only until a newer one comes: so the wait of what is looked at is at most the time between two frames. Frames
// that may not be dropped hold up the reading of further ones instead.

/** Frames that wait though a newer one does. With one at work and one behind it, an instance is never without work. */
const maxKept = 2;
/** Frames without an answer that the client has taken. Beyond it nothing more is read: answers wait for who does not read them. */
const maxUntaken = 64;

export interface Arrival<Frame> {
  readonly frame: Frame;
  readonly droppable: boolean;
  /** What it is answered with if a newer frame comes before its turn. */
  readonly dropped: object;
}

interface Place {
  answer: object | undefined;
}

/** A frame whose turn it is; to be answered once. */
export interface Turn<Frame> {
  readonly frame: Frame;
  readonly answer: (answer: object) => void;
}

export class FrameLine<Frame> {
  /** In the order of arrival; the first is the next to be answered. */
  readonly #places: Place[] = [];
  #waiting: { readonly arrival: Arrival<Frame>; readonly place: Place }[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #onChange: () => void = () => {};
  #onRoom: () => void = () => {};

  arrive(arrival: Arrival<Frame>): void {
    if (this.#end !== undefined) return;
    for (const older of this.#waiting) if (older.arrival.droppable) older.place.answer = older.arrival.dropped;
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

  /** The oldest frame that waits. */
  take(): Turn<Frame> | undefined {
    const next = this.#waiting.shift();
    if (next === undefined) return undefined;
    this.#tellRoom();
    return {
      frame: next.arrival.frame,
      answer: (answer) => {
        next.place.answer = answer;
        this.#onChange();
      },
    };
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
