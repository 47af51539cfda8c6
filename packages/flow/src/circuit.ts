// Whether one replica may get work for one model. Closed: it may. Open: it may not, for a while that doubles with each trip
// in a row and shrinks back while nothing happens. Half-open: one request may probe whether it has mended; if that is
// answered the circuit closes, if it fails it opens for longer.
//
// The circuit does not judge: whoever finds a replica hung, or worse than the others (outlier-ejection.ts), trips it. What
// it owns is the way back. Two things would keep a sound replica out for ever, and cannot: a probe that nobody answers is
// given up after the current open time, and any success closes the circuit, a late one of before the trip too.

export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitSettings {
  readonly firstOpenMs?: number;
  readonly mostOpenMs?: number;
  /** Each such time that it stays closed takes back one doubling. */
  readonly quietMs?: number;
}

export class Circuit {
  readonly #firstOpenMs: number;
  readonly #mostOpenMs: number;
  readonly #quietMs: number;
  /** For how long the last trip opened it; 0 before the first. */
  #openMs = 0;
  /** When open turns half-open; undefined while closed. */
  #openUntilMs: number | undefined;
  /** When the probe is given up; undefined when none was sent since it opened. */
  #probeUntilMs: number | undefined;
  #closedSinceMs = 0;

  constructor({ firstOpenMs = 1000, mostOpenMs = 30_000, quietMs = 10_000 }: CircuitSettings = {}) {
    this.#firstOpenMs = firstOpenMs;
    this.#mostOpenMs = mostOpenMs;
    this.#quietMs = quietMs;
  }

  state(nowMs: number): CircuitState {
    if (this.#openUntilMs === undefined) return 'closed';
    return nowMs < this.#openUntilMs ? 'open' : 'half-open';
  }

  /** Whether a request may be sent now. Who sends one says so with `take`. */
  allows(nowMs: number): boolean {
    const state = this.state(nowMs);
    return state === 'closed' || (state === 'half-open' && nowMs >= (this.#probeUntilMs ?? nowMs));
  }

  /** A request is sent: if half-open, it is the probe. */
  take(nowMs: number): void {
    if (this.state(nowMs) === 'half-open') this.#probeUntilMs = nowMs + this.#openMs;
  }

  /** True when it is half-open and the probe was free; it is the caller's now. */
  tryProbe(nowMs: number): boolean {
    if (this.state(nowMs) !== 'half-open' || !this.allows(nowMs)) return false;
    this.take(nowMs);
    return true;
  }

  /** Opens it. While open nothing changes: what was sent before and fails only now is no new finding. */
  trip(nowMs: number): void {
    const state = this.state(nowMs);
    if (state === 'open') return;
    const quiet = state === 'closed' ? Math.floor((nowMs - this.#closedSinceMs) / this.#quietMs) : 0;
    const openMs = (2 * this.#openMs) / 2 ** Math.max(0, quiet);
    this.#openMs = Math.min(this.#mostOpenMs, Math.max(this.#firstOpenMs, openMs));
    this.#openUntilMs = nowMs + this.#openMs;
    this.#probeUntilMs = undefined;
  }

  /** An answer came: it works. */
  succeed(nowMs: number): void {
    if (this.#openUntilMs === undefined) return;
    this.#openUntilMs = undefined;
    this.#closedSinceMs = nowMs;
  }

  /** A request failed: that counts once a probe is out. How much failing is too much while closed is for others to judge. */
  fail(nowMs: number): void {
    if (this.state(nowMs) === 'half-open' && this.#probeUntilMs !== undefined) this.trip(nowMs);
  }

  /** When `allows` turns true by itself: open turns half-open, or a probe is given up. Infinity when that is not pending. */
  nextChangeMs(nowMs: number): number {
    if (this.#openUntilMs === undefined || this.allows(nowMs)) return Number.POSITIVE_INFINITY;
    return this.#probeUntilMs ?? this.#openUntilMs;
  }
}
