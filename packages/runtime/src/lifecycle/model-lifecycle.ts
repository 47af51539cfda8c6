// The models of one service, as its model repositories and the event log want them. Follows the log from the start to the
// end of the process: an event changes what is wanted of one model, and the model is brought there while it serves.
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@weft/flow';
import {
  type DiskModel,
  type EventLog,
  type LastKnown,
  type LoggedEvent,
  type ModelRecord,
  type NeededArtifacts,
  recallEvent,
  recordEvent,
  seenRevision,
  provisionally,
  wantedModel,
} from '@weft/models';
import type { AppliedEvent } from '@weft/rpc/messages/weft/executor/v1/AppliedEvent';
import type { ModelVersion as ModelVersionMessage } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { Log } from '@weft/telemetry';
import { ServedModel, type ServingEvents } from './served-model.ts';
import type { Loading } from './served-version.ts';

export interface LifecycleOptions {
  /** The service's name. */
  readonly service: string;
  /** The service's models in the model repositories, as they were at the start. */
  readonly disk: readonly DiskModel[];
  /** Reads one of them again; undefined when it is not there any more. Throws why it cannot be read. */
  readonly readDisk: (model: string) => DiskModel | undefined;
  readonly eventLog: Pick<EventLog, 'follow'>;
  /** See wantedModel: true where there are trusted keys. */
  readonly signedOnly: boolean;
  readonly lastKnown: LastKnown;
  readonly loading: Loading;
  /** Called when files may have become needless; tells at any time which of this service's are needed. */
  readonly sweep: (needed: () => NeededArtifacts) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export class ModelLifecycle {
  readonly #options: LifecycleOptions;
  readonly #events: ServingEvents;
  readonly #disk: Map<string, DiskModel>;
  readonly #unreadable = new Map<string, string>();
  readonly #records = new Map<string, ModelRecord>();
  readonly #models = new Map<string, ServedModel>();
  /** Model → the load generation for which its repository was read. */
  readonly #generations = new Map<string, number>();
  /** Models wanted at the start that have neither become READY nor failed. */
  readonly #unsettled = new Set<string>();
  #phase: 'new' | 'listening' | 'loading' | 'loaded' | 'stopped' = 'new';
  #problem: string | undefined;
  #unfollow: () => void = () => {};
  #settleStart: () => void = () => {};

  constructor(options: LifecycleOptions, events: ServingEvents) {
    this.#options = options;
    this.#events = {
      onServe: (version) => events.onServe(version),
      onRetired: (version) => {
        events.onRetired(version);
        this.#sweep();
      },
      onChange: () => {
        this.#noteSettled();
        events.onChange();
      },
    };
    this.#disk = new Map(options.disk.map((disk) => [disk.model.name, disk]));
  }

  /** Begins to follow the log and to load. Resolves when all that was wanted at the start is READY or has failed. */
  async start(): Promise<void> {
    this.#phase = 'listening';
    this.#recall();
    await this.#firstWord();
    if (this.#stopped) return;
    this.#phase = 'loading';
    const settled = new Promise<void>((resolve) => (this.#settleStart = resolve));
    const names = new Set([...this.#disk.keys(), ...this.#records.keys()]);
    for (const name of names) this.#unsettled.add(name);
    for (const name of names) this.#reconcile(name);
    this.#noteSettled();
    await settled;
  }

  /** All that was wanted at the start is READY or has failed. */
  get loaded(): boolean {
    return this.#phase === 'loaded';
  }

  /** Whether requests for a model fail that should not. */
  failing(name: string): boolean {
    const model = this.#models.get(name);
    return model === undefined || model.failing;
  }

  describe(): ModelVersionMessage[] {
    return [...this.#models.values()].flatMap((model) => model.describe());
  }

  /** What was made of the last event of each model that concerns this service. */
  applied(): AppliedEvent[] {
    return [...this.#records].flatMap(([name, record]) => {
      const model = this.#models.get(name);
      if (model === undefined && record.desired?.service !== this.#options.service) return [];
      const problems = [record.refused?.problem, this.#unreadable.get(name), model?.problem];
      const problem = problems.filter((part) => part !== undefined).join('; ');
      return [{ model: name, revision: seenRevision(record), settled: model?.settled === true, problem }];
    });
  }

  /** What stands between this process and the event log; empty when nothing does. */
  get eventLogProblem(): string {
    if (this.#problem === undefined) return '';
    const provisional = [...this.#records.values()].some((record) => record.provisional);
    return provisional ? `${this.#problem}; serving what was last known` : this.#problem;
  }

  /** Follows no more, finishes what runs, frees everything. */
  async stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#unfollow();
    this.#settleStart();
    await Promise.all([...this.#models.values()].map((model) => model.stop()));
    await this.#options.lastKnown.written();
  }

  get #stopped(): boolean {
    return this.#phase === 'stopped';
  }

  #recall(): void {
    for (const event of this.#options.lastKnown.read()) {
      const record = recallEvent(event);
      if (record !== undefined) this.#records.set(event.model, record);
    }
  }

  /** Until the log has told what it has, or why it cannot: what is loaded before that may be loaded in vain. */
  #firstWord(): Promise<void> {
    return new Promise((resolve) => {
      let heard = false;
      let cancel = (): void => {};
      const go = (): void => {
        heard = true;
        cancel();
        resolve();
      };
      this.#unfollow = this.#options.eventLog.follow({
        onEvent: (event) => this.#hear(event),
        onCaughtUp: () => {
          go();
          this.#sweep();
        },
        onProblem: (problem) => {
          this.#become(problem);
          if (problem !== undefined) go();
        },
      });
      if (this.#stopped) this.#unfollow();
      if (!heard) cancel = this.#options.clock.setTimer(firstWordMs, go);
    });
  }

  #become(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    const { log } = this.#options;
    if (problem !== undefined)
      for (const [name, record] of this.#records) this.#records.set(name, provisionally(record));
    if (problem === undefined) log.info('event_log.back');
    else log.warn('event_log.away', { reason: this.eventLogProblem });
    this.#events.onChange();
  }

  #hear(event: LoggedEvent): void {
    if (this.#stopped) return;
    const { model, revision } = event;
    const { log, lastKnown } = this.#options;
    const before = this.#records.get(model);
    const after = recordEvent(before, event);
    if (after === before) return;
    this.#records.set(model, after);
    if (after.refused !== undefined && after.refused !== before?.refused)
      log.warn('event.refused', { model, revision, reason: after.refused.problem });
    if (after.revision === revision && this.#concerns(model, after)) {
      log.info('event.applied', { model, revision });
      lastKnown.write(event);
    }
    // Another event under no higher revision: the log lost its state, and counts from the beginning.
    const beganAgain = after.revision === revision && revision <= (before?.revision ?? 0);
    if (beganAgain && !isDeepStrictEqual(after.desired, before?.desired)) this.#generations.delete(model);
    if (this.#phase === 'listening') return;
    this.#reconcile(model);
    if (this.#concerns(model, after)) this.#sweep();
    this.#events.onChange();
  }

  /** Whether this service serves the model, or did, or would. */
  #concerns(name: string, record: ModelRecord | undefined): boolean {
    return record?.desired?.service === this.#options.service || this.#disk.has(name) || this.#models.has(name);
  }

  #reconcile(name: string): void {
    const { service, loading, signedOnly } = this.#options;
    const record = this.#records.get(name);
    if (!this.#concerns(name, record)) {
      this.#unsettled.delete(name);
      return;
    }
    const desired = record?.desired;
    if (desired?.service === service) this.#readAgain(name, desired.loadGeneration);
    const wanted = wantedModel({ service, disk: this.#disk.get(name), desired, signedOnly });
    let model = this.#models.get(name);
    if (model === undefined) {
      model = new ServedModel(name, loading, this.#events);
      this.#models.set(name, model);
    }
    model.want(wanted);
  }

  /** Whatever number asks: a log that lost its state counts from the beginning. Zero asks for nothing. */
  #readAgain(name: string, generation: number): void {
    if (generation === (this.#generations.get(name) ?? 0)) return;
    this.#generations.set(name, generation);
    if (generation === 0) return;
    try {
      const disk = this.#options.readDisk(name);
      this.#unreadable.delete(name);
      if (disk === undefined) this.#disk.delete(name);
      else this.#disk.set(name, disk);
    } catch (thrown) {
      // What was read before stays.
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.#unreadable.set(name, reason);
      this.#options.log.error('model.unreadable', { model: name, reason });
    }
  }

  #noteSettled(): void {
    if (this.#phase !== 'loading') return;
    for (const name of this.#unsettled) if (this.#models.get(name)?.settled === true) this.#unsettled.delete(name);
    if (this.#unsettled.size > 0) return;
    this.#phase = 'loaded';
    this.#sweep();
    this.#settleStart();
  }

  /** Only while the log is there: what others need is not known without. */
  #sweep(): void {
    if (this.#phase === 'loaded' && this.#problem === undefined) this.#options.sweep(() => this.#needed());
  }

  #needed(): NeededArtifacts {
    const { service } = this.#options;
    const desired = [...this.#records.values()].flatMap(({ desired: model }) =>
      model?.service === service ? model.versions.map((version) => ({ model: model.name, service, version })) : [],
    );
    const models = [...this.#models.values()];
    const folders = models.map((model) => model.folders);
    return {
      versions: [...desired, ...models.flatMap((model) => model.pushed)],
      folders: folders.every((known) => known !== undefined) ? folders.flat() : undefined,
    };
  }
}

/** A start does not wait longer for a log that neither answers nor says why. */
const firstWordMs = 3_000;
