// What was counted of model versions that nobody has any more, metrics and statistics: each push brings a version with dozens of
// series, so whatever is kept for ever grows with every one. It is forgotten a while after the version has gone, late enough for
// every scrape to have seen its last counts, and for a version that comes back to count on.
import type { Clock } from '@weft/flow';
import type { Instruments } from '@weft/telemetry';
import type { StatisticsBook } from './statistics-book.ts';

export interface RetiredVersionsOptions {
  readonly clock: Clock;
  readonly statistics: Pick<StatisticsBook, 'forget'>;
  readonly metrics: Pick<Instruments, 'forget'>;
}

/** Some scrapes, however seldom they come. */
const keptMs = 10 * 60_000;

const stay = (): void => {};

export class RetiredVersions {
  readonly #options: RetiredVersionsOptions;
  /** Of each version of each model: what keeps it, when it is about to be forgotten. */
  readonly #versions = new Map<string, Map<string, () => void>>();

  constructor(options: RetiredVersionsOptions) {
    this.#options = options;
  }

  /** To be told of every inventory: lost replicas and what they had are part of it for as long as they are missed. */
  keepOnly(models: ReadonlyMap<string, readonly { readonly version: string }[]>): void {
    for (const [model, views] of models) {
      const versions = this.#versions.get(model) ?? new Map<string, () => void>();
      this.#versions.set(model, versions);
      for (const { version } of views) {
        versions.get(version)?.();
        versions.set(version, stay);
      }
    }
    for (const [model, versions] of this.#versions) {
      const known = models.get(model) ?? [];
      for (const [version, keep] of versions) {
        if (keep !== stay || known.some((view) => view.version === version)) continue;
        versions.set(
          version,
          this.#options.clock.setTimer(keptMs, () => this.#forget(model, version)),
        );
      }
    }
  }

  #forget(model: string, version: string): void {
    const { statistics, metrics } = this.#options;
    statistics.forget(model, version);
    metrics.forget({ model, version });
    const versions = this.#versions.get(model);
    versions?.delete(version);
    if (versions === undefined || versions.size > 0) return;
    this.#versions.delete(model);
    // What is counted of a model whatever its version.
    metrics.forget({ model });
  }
}
