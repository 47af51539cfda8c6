// What becomes of the calls of one model version: counts for people, and, while the version is compared with another, outcomes
// and times within the last while. Only calls that named no version are compared: those are drawn alike.
import { type Clock, SlidingCount, SlidingQuantile } from '@weft/flow';
import type { ErrorCode } from '@weft/errors';
import type { Answer, PendingCall, Tally } from '../lanes/pending-call.ts';
import type { StreamTally } from '../pipes/passage.ts';
import type { CallCounts } from '../statistics/call-counts.ts';
import type { CountedStream } from '../statistics/counted-stream.ts';

export class VersionTally implements Tally, StreamTally {
  readonly #clock: Clock;
  readonly #counts: CallCounts;
  answered = 0;
  failed = 0;
  /** Set as long as somebody compares. */
  window: OutcomeWindow | undefined;

  constructor(clock: Clock, counts: CallCounts) {
    this.#clock = clock;
    this.#counts = counts;
  }

  settled(pending: PendingCall, answer: Answer): void {
    const code = 'error' in answer ? answer.error.code : 'OK';
    const nowMs = this.#clock.now();
    if ('error' in answer) this.#counts.failed(pending, answer.error.code, nowMs);
    else this.#counts.answered(pending, answer.times, nowMs);
    if (code === 'CANCELLED') return;
    this.#count(pending.call.version === '', { failed: code !== 'OK', ms: nowMs - pending.enqueuedMs, nowMs });
  }

  /** Whose deadline has come was not given up: grpc-js cancels those too. */
  cancelled(pending: PendingCall): void {
    const nowMs = this.#clock.now();
    this.#counts.failed(pending, 'CANCELLED', nowMs);
    const left = pending.deadlineMs - nowMs;
    if (left < earlyMs)
      this.#count(pending.call.version === '', { failed: true, ms: nowMs - pending.enqueuedMs, nowMs });
  }

  responded(stream: CountedStream, nowMs: number): void {
    this.#counts.responded(stream, nowMs);
  }

  /** How long a stream lasts is its client's choice: versions are compared by the first response. */
  streamed(stream: CountedStream, drawn: boolean, code: ErrorCode | undefined): void {
    const nowMs = this.#clock.now();
    this.#counts.streamed(stream, code, nowMs);
    if (code === 'CANCELLED') return;
    this.#count(drawn, { failed: code !== undefined, ms: (stream.firstMs ?? nowMs) - stream.enqueuedMs, nowMs });
  }

  /** A call that the version was to serve and that was not even admitted. */
  refused(drawn: boolean, code: ErrorCode): void {
    this.#counts.refused(code);
    this.#count(drawn, { failed: true, ms: 0, nowMs: this.#clock.now() });
  }

  #count(drawn: boolean, outcome: Outcome): void {
    if (outcome.failed) this.failed += 1;
    else this.answered += 1;
    if (drawn) this.window?.add(outcome);
  }
}

interface Outcome {
  readonly failed: boolean;
  readonly ms: number;
  readonly nowMs: number;
}

/** Outcomes within a window; its memory does not grow with them. */
export class OutcomeWindow {
  readonly #calls: SlidingCount;
  readonly #failures: SlidingCount;
  readonly #times: SlidingQuantile;

  constructor(windowMs: number) {
    this.#calls = new SlidingCount(windowMs);
    this.#failures = new SlidingCount(windowMs);
    this.#times = new SlidingQuantile(windowMs);
  }

  /** Times of failures tell nothing: some fail at once, others at their deadline. */
  add({ failed, ms, nowMs }: Outcome): void {
    this.#calls.add(nowMs);
    if (failed) this.#failures.add(nowMs);
    else this.#times.add(ms, nowMs);
  }

  read(nowMs: number): Readings {
    const calls = this.#calls.total(nowMs);
    return { calls, failed: this.#failures.total(nowMs), p99Ms: this.#times.quantile(0.99, nowMs) };
  }
}

/** What was seen of a version within the window. */
export interface Readings {
  readonly calls: number;
  readonly failed: number;
  /** Of the calls that were answered; undefined when none was. */
  readonly p99Ms: number | undefined;
}

/** Timers fire up to two milliseconds early. */
const earlyMs = 5;

interface Versioned {
  readonly model: string;
  readonly version: string;
}

/** Who counts the calls of a version beside its tally, for as long as this process runs. */
export type CountsOf = (model: string, version: string) => CallCounts;

export class VersionTallies {
  readonly #clock: Clock;
  readonly #countsOf: CountsOf;
  readonly #tallies = new Map<string, Map<string, VersionTally>>();

  constructor(clock: Clock, countsOf: CountsOf) {
    this.#clock = clock;
    this.#countsOf = countsOf;
  }

  get(model: string, version: string): VersionTally | undefined {
    return this.#tallies.get(model)?.get(version);
  }

  of({ model, version }: Versioned): VersionTally {
    const known = this.get(model, version);
    if (known !== undefined) return known;
    const tally = new VersionTally(this.#clock, this.#countsOf(model, version));
    const versions = this.#tallies.get(model) ?? new Map<string, VersionTally>();
    this.#tallies.set(model, versions.set(version, tally));
    return tally;
  }

  /** Of versions that nobody reports any more nothing is kept. */
  keepOnly(models: ReadonlyMap<string, readonly Versioned[]>): void {
    for (const [model, versions] of this.#tallies) {
      const known = models.get(model) ?? [];
      for (const version of versions.keys())
        if (!known.some((view) => view.version === version)) versions.delete(version);
      if (versions.size === 0) this.#tallies.delete(model);
    }
  }
}
