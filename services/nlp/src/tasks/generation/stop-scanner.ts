// Finds stop strings in text that comes in pieces. What may be the beginning of one is held back until the next piece tells, so
// that nobody is sent a part of a stop string.

export interface Scanned {
  /** To be sent. */
  readonly text: string;
  /** A stop string was found: the text ends before it, and nothing that follows counts. */
  readonly stopped: boolean;
}

export class StopScanner {
  readonly #stops: readonly string[];
  #held = '';

  /** `stops`: none of them empty. */
  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  push(piece: string): Scanned {
    if (this.#stops.length === 0) return { text: piece, stopped: false };
    const text = this.#held + piece;
    const found = this.#stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) {
      this.#held = '';
      return { text: text.slice(0, Math.min(...found)), stopped: true };
    }
    const held = Math.max(...this.#stops.map((stop) => beginningAtEnd(text, stop)));
    this.#held = text.slice(text.length - held);
    return { text: text.slice(0, text.length - held), stopped: false };
  }

  /** What was held back, when nothing more comes. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }
}

/** How much of the end of the text is the beginning of `stop`. */
function beginningAtEnd(text: string, stop: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length--)
    if (text.endsWith(stop.slice(0, length))) return length;
  return 0;
}
