// One version on its way into service: its files are placed, its instances loaded and warmed up. What fails for a reason that
// may pass is tried again, ever more seldom, until it works or is not wanted any more.
import { isDeepStrictEqual } from 'node:util';
import { toWeftError } from '@weft/errors';
import type { Clock } from '@weft/flow';
import { maxRows, type ModelFolder, type PlaceOptions, type WantedVersion } from '@weft/models';
import type { ModelVersion as ModelVersionMessage } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { Log } from '@weft/telemetry';
import type { ModelVersion } from '../executor/model-version.ts';
import type { LoadQueue } from './load-queue.ts';

/** What loading takes, the same for all versions of a service. */
export interface Loading {
  /** Puts the files where they can be loaded from. Rejects with the reason for people. */
  readonly place: (wanted: WantedVersion, options: Required<PlaceOptions>) => Promise<ModelFolder>;
  /** `onChange` is called when the state of what is made changes. */
  readonly create: (wanted: WantedVersion, folder: ModelFolder, onChange: () => void) => ModelVersion;
  /** Files that are fetched at the same time, and versions that load. */
  readonly placing: LoadQueue;
  readonly loading: LoadQueue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ServedVersionEvents {
  /** It is READY for the first time: nothing of it was told to anyone yet. */
  onReady(served: ServedVersion): void;
  onChange(): void;
}

export type Phase = 'loading' | 'ready' | 'failed' | 'leaving';

export class ServedVersion {
  wanted: WantedVersion;
  /** Not wanted any more, but nothing has taken its place yet. */
  superseded = false;
  readonly #loading: Loading;
  readonly #events: ServedVersionEvents;
  readonly #givenUp = new AbortController();
  #phase: Phase = 'loading';
  #version: ModelVersion | undefined;
  #folder: ModelFolder | undefined;
  #reason = '';
  #attempting = false;
  #failures = 0;
  #cancelRetry: () => void = () => {};
  #left: Promise<void> | undefined;

  constructor(wanted: WantedVersion, loading: Loading, events: ServedVersionEvents) {
    this.wanted = wanted;
    this.#loading = loading;
    this.#events = events;
    void this.#attempt();
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Undefined until its files are placed. */
  get version(): ModelVersion | undefined {
    return this.#version;
  }

  /** Where its files were placed, once they are. */
  get folder(): ModelFolder | undefined {
    return this.#folder;
  }

  /** Its files may be on their way: where they will lie is not known yet. */
  get placing(): boolean {
    return this.#attempting && this.#folder === undefined;
  }

  /** Why it serves nothing. */
  get reason(): string {
    return this.#reason;
  }

  /** Its instances died after they had served. */
  get crashed(): boolean {
    return this.#phase === 'ready' && this.#version?.state === 'MODEL_STATE_UNAVAILABLE';
  }

  get serving(): boolean {
    return this.#phase === 'ready' && this.#version?.state === 'MODEL_STATE_READY';
  }

  /** Tries again now what has failed, with what may differ by now: where files come from, who has signed. An attempt that runs goes on. */
  retry(wanted: WantedVersion): void {
    if (this.#phase === 'ready' || this.#phase === 'leaving') return;
    this.wanted = wanted;
    if (this.#phase === 'loading') return;
    this.#phase = 'loading';
    this.#reason = '';
    this.#cancelRetry();
    this.#failures = 0;
    if (!this.#attempting) void this.#attempt();
  }

  /** Resolves when no sequence runs on it any more; undefined when none does now. */
  sequencesOver(): Promise<void> | undefined {
    return this.#version?.sequences?.over();
  }

  /** Stops whatever goes on, finishes what runs, frees the instances. */
  leave(): Promise<void> {
    this.#phase = 'leaving';
    this.#givenUp.abort();
    this.#cancelRetry();
    this.#left ??= this.#version?.unload() ?? Promise.resolve();
    return this.#left;
  }

  describe(): ModelVersionMessage {
    const { model, version, config } = this.wanted;
    const told = this.#phase === 'failed' ? undefined : this.#version?.describe();
    // Nobody is told that it is READY before it takes batches.
    const early = this.#phase === 'loading' && told?.state === 'MODEL_STATE_READY';
    if (told !== undefined) return early ? { ...told, state: 'MODEL_STATE_LOADING' } : told;
    const state = this.#phase === 'failed' ? 'MODEL_STATE_UNAVAILABLE' : 'MODEL_STATE_LOADING';
    return { name: model, version, state, reason: this.#reason, config, maxBatchSize: maxRows(config) };
  }

  /** One that is tried again by itself counts as failed until it is READY. */
  async #attempt(): Promise<void> {
    const { placing, loading, place, create } = this.#loading;
    const { signal } = this.#givenUp;
    this.#attempting = true;
    this.#folder = undefined;
    let attempted = this.wanted;
    try {
      const onProgress = (progress: Progress): void => this.#tell(progress);
      const folder = await placing.run(() => {
        attempted = this.wanted;
        return place(attempted, { signal, onProgress });
      }, signal);
      this.#folder = folder;
      const version = await loading.run(async () => {
        const created = create(this.wanted, folder, () => this.#events.onChange());
        this.#version = created;
        await created.load();
        return created;
      }, signal);
      if (signal.aborted) return;
      if (version.state !== 'MODEL_STATE_READY') {
        this.#fail(version.reason, false, attempted);
        return;
      }
      this.#phase = 'ready';
      this.#reason = '';
      this.#attempting = false;
      this.#events.onReady(this);
    } catch (thrown) {
      if (signal.aborted) return;
      const { model, version } = this.wanted;
      const error = toWeftError(thrown);
      const reason =
        error.cause instanceof Error && error.requestId !== undefined ? error.cause.message : error.message;
      this.#loading.log.error('model.failed', { model, version, reason });
      this.#fail(`failed to load '${model}' version ${version}: ${reason}`, passing.has(error.code), attempted);
    }
  }

  /** In whole percents: whoever watches is told of each change. */
  #tell({ doneBytes, totalBytes }: Progress): void {
    const reason = `${Math.floor((100 * doneBytes) / Math.max(1, totalBytes))} % of its files are here`;
    if (this.#phase !== 'loading' || reason === this.#reason) return;
    this.#reason = reason;
    this.#events.onChange();
  }

  #fail(reason: string, mayPass: boolean, attempted: WantedVersion): void {
    this.#attempting = false;
    if (!isDeepStrictEqual(attempted.origin, this.wanted.origin)) {
      // An event named other sources meanwhile, which have not been tried.
      void this.#attempt();
      return;
    }
    this.#phase = 'failed';
    this.#reason = reason;
    if (mayPass) {
      const delayMs = Math.min(firstRetryMs * 2 ** this.#failures, lastRetryMs);
      this.#failures += 1;
      this.#cancelRetry = this.#loading.clock.setTimer(delayMs, () => void this.#attempt());
    }
    this.#events.onChange();
  }
}

type Progress = Parameters<Required<PlaceOptions>['onProgress']>[0];

/** Who is away may come back, and who has no room may get some. All else fails again in the same way. */
const passing: ReadonlySet<string> = new Set(['UNAVAILABLE', 'RESOURCE_EXHAUSTED']);
const firstRetryMs = 1_000;
const lastRetryMs = 60_000;
