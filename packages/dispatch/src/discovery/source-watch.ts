// Keeps one name of the DNS resolved: again and again, sooner when a replica was lost or a resolution failed. Tells what has
// changed, each trouble once.
import type { NamedSource } from '@weft/config';
import type { Clock } from '@weft/flow';
import type { Log } from '@weft/telemetry';
import { calmer, hurried, type Pace, resolutionDelayMs } from './discovery-plan.ts';
import type { Resolution } from './resolve-endpoints.ts';
import { tellResolution } from './tell-resolution.ts';
import type { WatchedSource } from './watched-source.ts';

export interface SourceWatchOptions {
  readonly source: NamedSource;
  /** Never rejects. */
  readonly resolve: (source: NamedSource, previous: Resolution | undefined) => Promise<Resolution>;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** After every resolution. */
  readonly onResolved: () => void;
}

export class SourceWatch implements WatchedSource {
  /** DNS says what is there, and nothing of what is about to go. */
  readonly leaving = [];
  readonly #options: SourceWatchOptions;
  #resolution: Resolution | undefined;
  #resolvedAtMs = 0;
  #resolving = false;
  #pace: Pace;
  #cancelTimer: () => void = () => {};
  #stopped = false;

  constructor(options: SourceWatchOptions) {
    this.#options = options;
    this.#pace = { intervalMs: options.intervalMs, hurryMs: Number.POSITIVE_INFINITY };
  }

  get endpoints(): readonly string[] {
    return this.#resolution?.endpoints ?? [];
  }

  start(): Promise<void> {
    return this.#resolve();
  }

  hurry(): void {
    this.#pace = hurried(this.#pace);
    if (!this.#resolving) this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  async #resolve(): Promise<void> {
    const { source, resolve, clock, log, onResolved } = this.#options;
    const before = this.#resolution;
    this.#resolving = true;
    const after = await resolve(source, before);
    this.#resolving = false;
    if (this.#stopped) return;
    this.#resolution = after;
    this.#resolvedAtMs = clock.now();
    tellResolution(log, source, { before, after });
    if (after.failure !== undefined && before?.failure === undefined) this.#pace = hurried(this.#pace);
    this.#schedule();
    onResolved();
  }

  #schedule(): void {
    const { clock } = this.#options;
    this.#cancelTimer();
    if (this.#stopped) return;
    const dueMs =
      this.#resolvedAtMs + resolutionDelayMs(this.#pace, this.#resolution?.ttlMs ?? Number.POSITIVE_INFINITY);
    this.#cancelTimer = clock.setTimer(dueMs - clock.now(), () => {
      this.#pace = calmer(this.#pace);
      void this.#resolve();
    });
  }
}
