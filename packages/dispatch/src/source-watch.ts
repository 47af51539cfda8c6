// Keeps one named source resolved: again and again, sooner when a replica was lost or a resolution failed. Tells what has
// changed, each trouble once.
import type { NamedSource } from '@weft/config';
import type { Clock } from '@weft/flow';
import type { Log } from '@weft/telemetry';
import { calmer, changesBetween, hurried, type Pace, resolutionDelayMs } from './discovery-plan.ts';
import type { Resolution } from './resolve-endpoints.ts';

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

export class SourceWatch {
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

  /** What is known, empty before the first resolution. */
  get endpoints(): readonly string[] {
    return this.#resolution?.endpoints ?? [];
  }

  /** Resolves after the first resolution, whatever came of it. */
  start(): Promise<void> {
    return this.#resolve();
  }

  /** A replica of this source was lost: where it went, DNS may know soon. */
  hurry(): void {
    this.#pace = hurried(this.#pace);
    if (!this.#resolving) this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  async #resolve(): Promise<void> {
    const { source, resolve, clock, onResolved } = this.#options;
    const before = this.#resolution;
    this.#resolving = true;
    const after = await resolve(source, before);
    this.#resolving = false;
    if (this.#stopped) return;
    this.#resolution = after;
    this.#resolvedAtMs = clock.now();
    this.#tell(before, after);
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

  #tell(before: Resolution | undefined, after: Resolution): void {
    const { log } = this.#options;
    const source = this.#options.source.text;
    const { added, removed } = changesBetween(before?.endpoints ?? [], after.endpoints);
    if (added.length + removed.length > 0) log.info('discovery.changed', { source, added, removed });
    if (after.failure === before?.failure) return;
    if (after.failure === undefined) log.info('discovery.recovered', { source });
    else log.warn('discovery.failed', { source, reason: after.failure });
  }
}
