// Watches every canary, and withdraws one that is worse than the stable version beside it: an event with the reason, appended as
// if somebody had asked for it. The stable version is never withdrawn by itself, whatever it does. Each router judges by what it
// saw; the first one wins, and the others find the canary gone: only the first one logs and counts it.
import { toWeftError } from '@weft/errors';
import type { Clock } from '@weft/flow';
import type { Log } from '@weft/telemetry';
import type { DispatchEngine } from '../engine/engine.ts';
import { type CanaryLimits, judgeCanary } from './judge-canary.ts';
import { OutcomeWindow, type VersionTally } from './version-tally.ts';

export interface CanaryGuardOptions {
  readonly engine: Pick<DispatchEngine, 'inventory' | 'tallyOf'>;
  readonly clock: Clock;
  readonly windowMs: number;
  readonly limits: CanaryLimits;
  readonly log: Log;
  /** Withdraws the version, and resolves to whether it did: it must do nothing when that is no canary any more. */
  readonly rollBack: (model: string, version: string, reason: string) => Promise<boolean>;
  readonly onRolledBack: (model: string, version: string) => void;
}

interface Trial {
  readonly canary: string;
  readonly stable: string;
  /** It was too slow when it was last looked at. */
  suspected: boolean;
  rollingBack: boolean;
}

const lookEveryMs = 1_000;

export class CanaryGuard {
  readonly #options: CanaryGuardOptions;
  readonly #trials = new Map<string, Trial>();
  /** Whose outcomes are kept, as long as they are compared. */
  #watched: ReadonlySet<VersionTally> = new Set();
  #cancelTimer: () => void = () => {};

  constructor(options: CanaryGuardOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancelTimer = this.#options.clock.setTimer(lookEveryMs, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#cancelTimer();
  }

  #look(): void {
    const { inventory } = this.#options.engine;
    const watched = new Set<VersionTally>();
    for (const model of this.#trials.keys())
      if (!inventory.desired.get(model)?.rollout?.canary) this.#trials.delete(model);
    for (const [model, { rollout }] of inventory.desired) {
      if (!rollout?.canary) continue;
      const stable = inventory.shares.get(model)?.find(({ view }) => view.version !== rollout.canary)?.view.version;
      if (stable === undefined) continue;
      this.#judge(model, this.#trialOf(model, rollout.canary, stable), watched);
    }
    for (const tally of this.#watched) if (!watched.has(tally)) tally.window = undefined;
    this.#watched = watched;
  }

  #trialOf(model: string, canary: string, stable: string): Trial {
    const known = this.#trials.get(model);
    if (known?.canary === canary && known.stable === stable) return known;
    const trial = { canary, stable, suspected: false, rollingBack: false };
    this.#trials.set(model, trial);
    // What was seen of either before does not compare.
    for (const version of [canary, stable]) {
      const tally = this.#options.engine.tallyOf(model, version);
      if (tally !== undefined) tally.window = undefined;
    }
    return trial;
  }

  #judge(model: string, trial: Trial, watched: Set<VersionTally>): void {
    const { engine, clock, windowMs, limits } = this.#options;
    const nowMs = clock.now();
    const [canary, stable] = [trial.canary, trial.stable].map((version) => {
      const tally = engine.tallyOf(model, version);
      if (tally !== undefined) watched.add(tally);
      if (tally !== undefined) tally.window ??= new OutcomeWindow(windowMs);
      return { version, ...(tally?.window?.read(nowMs) ?? { calls: 0, failed: 0, p99Ms: undefined }) };
    });
    if (canary === undefined || stable === undefined || trial.rollingBack) return;
    const verdict = judgeCanary(canary, stable, limits);
    const slow = verdict.decision === 'roll back' && verdict.because === 'latency';
    const confirmed = verdict.decision === 'roll back' && (!slow || trial.suspected);
    trial.suspected = slow;
    if (confirmed) void this.#rollBack(model, trial, verdict.reason);
  }

  async #rollBack(model: string, trial: Trial, reason: string): Promise<void> {
    const { log, rollBack, onRolledBack } = this.#options;
    const { canary: version } = trial;
    trial.rollingBack = true;
    try {
      const own = await rollBack(model, version, reason);
      // Whoever tries it again begins anew, also before the next look.
      if (this.#trials.get(model) === trial) this.#trials.delete(model);
      if (!own) return;
      log.warn('canary.rolled_back', { model, version, reason });
      onRolledBack(model, version);
    } catch (thrown) {
      // The log may be away: as long as the canary is bad, the next look tries again.
      log.error('canary.not_rolled_back', { model, version, reason, error: toWeftError(thrown).message });
      trial.rollingBack = false;
    }
  }
}
