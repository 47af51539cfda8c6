// The statistics of the model versions that this process knows. They stay when replicas go, so that what clients and dashboards see
// never falls, until the version is gone for good (retired-versions.ts).
import type { CallCounts } from './call-counts.ts';
import { VersionStatistics } from './version-statistics.ts';

const noTimes = { queueUs: 0, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 };

export class StatisticsBook {
  readonly #versions = new Map<string, Map<string, VersionStatistics>>();
  /** Milliseconds since the epoch at the counting clock's zero. */
  readonly #epochMs: number;

  /** The clock that everybody counts by, and the time of day, now. */
  constructor(nowMs: number, wallClockMs: number) {
    this.#epochMs = wallClockMs - nowMs;
  }

  /** To be kept by who counts: looking it up for each call would cost more than counting. */
  of(model: string, version: string): VersionStatistics {
    const versions = this.#versions.get(model) ?? new Map<string, VersionStatistics>();
    if (versions.size === 0) this.#versions.set(model, versions);
    let statistics = versions.get(version);
    if (statistics === undefined) versions.set(version, (statistics = new VersionStatistics()));
    return statistics;
  }

  find(model: string, version: string): VersionStatistics | undefined {
    return this.#versions.get(model)?.get(version);
  }

  /** Of a version whose calls nobody counts any more. */
  forget(model: string, version: string): void {
    const versions = this.#versions.get(model);
    versions?.delete(version);
    if (versions?.size === 0) this.#versions.delete(model);
  }

  *entries(): Generator<{ readonly model: string; readonly version: string; readonly statistics: VersionStatistics }> {
    for (const [model, versions] of this.#versions)
      for (const [version, statistics] of versions) yield { model, version, statistics };
  }

  /** From an instant of the counting clock to milliseconds since the epoch. */
  wallClockMs(instantMs: number): number {
    return Math.round(this.#epochMs + instantMs);
  }

  /** For the engine of a process whose executor counts what it computes: only what that never sees. */
  ofOwnQueue(model: string, version: string): CallCounts {
    const statistics = this.of(model, version);
    return {
      answered({ enqueuedMs, sentMs }) {
        const waitedMs = (sentMs ?? enqueuedMs) - enqueuedMs;
        statistics.queue.ms += waitedMs;
        statistics.success.ms += waitedMs;
      },
      failed(call, code, nowMs) {
        if (call.sentMs === undefined) statistics.failed(call, code, nowMs);
      },
      refused: (code) => statistics.refused(code),
      executed() {},
      responded() {},
      streamed(stream, code, nowMs) {
        if (code === undefined) this.answered(stream, noTimes, nowMs);
        else this.failed(stream, code, nowMs);
      },
    };
  }
}
