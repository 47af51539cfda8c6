// One version of one model in this service: its instances, its state, and the batches it has. Each instance that takes another
// batch (instance-pace.ts) is offered to those who attached (version-credits.ts).
import type { Pipe, PipeListener, PipeStart } from '@weft/dispatch';
import { LatencyProfile } from '@weft/flow';
import { completeConfig, maxRows, modelMetadata } from '@weft/models';
import type { Demand, readBatchHeader } from '@weft/rpc';
import type { ModelState__Output } from '@weft/rpc/messages/weft/executor/v1/ModelState';
import type { ModelVersion as ModelVersionMessage } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { VersionStreams } from '../streams/version-streams.ts';
import type { InstanceSpec, LoadedInstance } from '../worker/messages.ts';
import { InstanceHost, undeliveredResult } from './instance-host.ts';
import { InstancePace } from './instance-pace.ts';
import type { LoadPlan, ModelVersionOptions, Session } from './model-version-options.ts';
import { type OpenSequences, openSequencesOf } from './open-sequences.ts';
import { VersionCredits } from './version-credits.ts';

/** An instance that crashes is started again after this, and after ever longer if that fails. */
const restartDelayMs = 500;
const maxRestartDelayMs = 30_000;

interface Slot {
  host: InstanceHost;
  loaded: LoadedInstance | undefined;
  readonly pace: InstancePace;
}

/** A batch that an instance has. */
interface PostedTicket {
  readonly slot: Slot;
  readonly ticket: number;
  readonly itemCount: number;
}

/** Of the versions that this process has loaded so far. */
let loads = 0;

export class ModelVersion {
  readonly #options: ModelVersionOptions;
  /** Its number among those. */
  readonly #load: number;
  readonly #slots: Slot[] = [];
  readonly #credits: VersionCredits;
  readonly #streams: VersionStreams;
  #sequences: OpenSequences | undefined;
  readonly #tickets = new Map<Session, Map<number, PostedTicket>>();
  #state: ModelState__Output = 'MODEL_STATE_LOADING';
  #reason = '';
  #plan: LoadPlan = { isolation: 'thread', specs: [] };
  /** How long batches of each method take. */
  readonly #profiles = new Map<string, LatencyProfile>();

  constructor(options: ModelVersionOptions) {
    this.#options = options;
    loads += 1;
    this.#load = loads;
    this.#streams = new VersionStreams({ ...options, counts: options.streamCounts });
    const { version, clock, config } = options;
    this.#credits = new VersionCredits({ version, clock, arbitrated: config.sequenceBatching == null });
  }

  get name(): string {
    return this.#options.model;
  }

  get version(): string {
    return this.#options.version;
  }

  get state(): ModelState__Output {
    return this.#state;
  }

  /** Why it is in this state, when there is something to say. */
  get reason(): string {
    return this.#reason;
  }

  /** Starts the instances. Resolves when all are warm (READY) or one failed (UNAVAILABLE, with its reason), or it was unloaded meanwhile. */
  async load(): Promise<void> {
    if (this.#unloading) return;
    const started = this.#options.clock.now();
    try {
      this.#plan = this.#options.plan();
      this.#sequences = openSequencesOf(this.#options);
      await Promise.all(this.#plan.specs.map((_, index) => this.#startSlot(index)));
      if (this.#unloading) return;
      this.#become('MODEL_STATE_READY', '');
      this.#options.log.info('model.ready', {
        model: this.name,
        version: this.version,
        loadMs: Math.round(this.#options.clock.now() - started),
      });
      for (const index of this.#slots.keys()) this.#offer(index);
    } catch (thrown) {
      if (this.#unloading) return;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.#become('MODEL_STATE_UNAVAILABLE', `failed to load '${this.name}' version ${this.version}: ${reason}`);
      this.#options.log.error('model.failed', { model: this.name, version: this.version, reason });
      await Promise.all(this.#slots.map(({ host }) => host.unload()));
    }
  }

  /** Grants no more, finishes what runs, streams too as long as they have time, frees the instances. */
  async unload(): Promise<void> {
    if (this.#unloading) return;
    this.#become('MODEL_STATE_UNLOADING', '');
    for (const index of this.#slots.keys()) this.#credits.revoke(index);
    const freed = Promise.all(this.#slots.map(({ host }) => host.unload()));
    await freed.finally(this.#streams.finish(this.#options.streamGraceMs));
  }

  get #unloading(): boolean {
    return this.#state === 'MODEL_STATE_UNLOADING';
  }

  get sequences(): Pick<OpenSequences, 'over'> | undefined {
    return this.#sequences;
  }

  attach(session: Session): void {
    this.#tickets.set(session, new Map());
    this.#credits.attach(session);
  }

  detach(session: Session): void {
    this.#credits.detach(session);
    // Nobody hears the answers: what has not begun need not.
    for (const { slot, ticket, itemCount } of this.#tickets.get(session)?.values() ?? [])
      slot.host.cancel(ticket, [...new Array(itemCount).keys()]);
    this.#tickets.delete(session);
  }

  /** A batch of a session, on a credit of it or not: one without is bounced rather than queued. */
  accept(session: Session, header: ReturnType<typeof readBatchHeader>, body: Buffer): void {
    const { id: batchId, instance: index, itemCount, method, rows } = header;
    const slot = this.#slots[index];
    const credited = this.#credits.spend(session, index, rows);
    if (slot === undefined || !credited || this.#state !== 'MODEL_STATE_READY') {
      session.send(undeliveredResult(batchId));
      return;
    }
    const tickets = this.#tickets.get(session);
    const profile = this.#profile(method);
    const { keepBodies, onBatch } = this.#options;
    const kept = keepBodies() ? Buffer.from(body) : undefined;
    const ticket = slot.host.post({
      batchId,
      itemCount,
      body,
      deliver: (message) => session.send(message),
      onDone: (measure) => {
        tickets?.delete(batchId);
        if (measure !== undefined) {
          profile.learn({ rows, ms: measure.computeMs });
          onBatch(measure, { method, itemCount, body: kept });
        }
        slot.pace.end();
        this.#sequences?.heard(index, measure?.sequences ?? 0);
      },
    });
    tickets?.set(batchId, { slot, ticket, itemCount });
    slot.pace.add(profile.knows(rows) ? profile.meanMs(rows) : undefined);
    // Others have a credit for this instance too: their batches would wait behind this one.
    if (!slot.pace.takesMore) this.#credits.revoke(index);
  }

  /** What waits for this version at a router. */
  demand(session: Session, demand: Demand): void {
    this.#credits.demand(session, demand);
  }

  cancel(session: Session, batchId: number, items: readonly number[]): void {
    const found = this.#tickets.get(session)?.get(batchId);
    found?.slot.host.cancel(found.ticket, items);
  }

  /** One stream of a client, its version resolved. */
  stream(start: PipeStart, listener: PipeListener): Pipe {
    return this.#streams.open(start, listener);
  }

  /** This version as Watch reports it. */
  describe(): ModelVersionMessage {
    const loaded = this.#slots.find((slot) => slot.loaded !== undefined)?.loaded;
    const config = loaded === undefined ? this.#options.config : completeConfig(this.#options.config, loaded);
    const backend = this.#plan.specs[0]?.artifact.backend ?? 'onnxruntime';
    const metadata = modelMetadata(config, this.version, backend);
    return {
      name: this.name,
      version: this.version,
      state: this.#state,
      reason: this.#reason,
      // Clients of other servers tell models apart by these two, which need not be written down.
      config: { ...config, platform: metadata.platform ?? '', backend: config.backend || backend },
      metadata,
      maxBatchSize: maxRows(config),
      // One that crashed computes nothing until it is loaded again.
      instances: this.#slots.filter((slot) => slot.loaded !== undefined).length,
      methods: [...(loaded?.methods ?? [])],
      streamMethods: [...(loaded?.streamMethods ?? [])],
      streamSlots: [...this.#streamSlots().values()].reduce((sum, slots) => sum + slots, 0),
      warmup: [...(loaded?.warmup ?? [])],
      placements: this.#slots.flatMap((slot) => (slot.loaded === undefined ? [] : [slot.loaded.placement])),
      load: this.#load,
    };
  }

  #profile(method: string): LatencyProfile {
    let profile = this.#profiles.get(method);
    if (profile === undefined) {
      const { maxBatchSize, warmup } = this.describe();
      const measured = (warmup ?? []).map(({ rows, computeUs }) => ({ rows: rows ?? 1, ms: Number(computeUs) / 1000 }));
      profile = new LatencyProfile(maxBatchSize ?? 1, measured);
      this.#profiles.set(method, profile);
    }
    return profile;
  }

  async #startSlot(index: number): Promise<void> {
    const { workers, log, clock, loadTimeoutMs } = this.#options;
    const { isolation, specs } = this.#plan;
    const host = new InstanceHost({
      workers,
      isolation,
      spec: specs[index] as InstanceSpec,
      clock,
      loadTimeoutMs,
      log,
      onCrash: (reason) => this.#crashed(index, reason),
      meter: this.#options.meter,
      measures: this.#options.measures?.(),
    });
    const pace = new InstancePace(clock, () => this.#offer(index));
    const slot: Slot = { host, loaded: undefined, pace };
    this.#slots[index] = slot;
    slot.loaded = await host.loaded;
  }

  /** An instance died: the others serve on; it is started again until it loads. */
  #crashed(index: number, reason: string): void {
    const slot = this.#slots[index];
    if (slot === undefined || this.#unloading) return;
    slot.loaded = undefined;
    this.#credits.revoke(index);
    this.#sequences?.heard(index, 0);
    this.#options.log.error('instance.crashed', { model: this.name, version: this.version, instance: index, reason });
    if (this.#slots.every((other) => other.loaded === undefined))
      this.#become('MODEL_STATE_UNAVAILABLE', `its instance crashed and is being restarted: ${reason}`);
    else this.#changed();
    this.#restartIn(restartDelayMs, index);
  }

  #restartIn(delayMs: number, index: number): void {
    this.#options.clock.setTimer(delayMs, () => void this.#restart(index, delayMs));
  }

  async #restart(index: number, delayMs: number): Promise<void> {
    if (this.#unloading) return;
    try {
      await this.#startSlot(index);
      if (this.#state === 'MODEL_STATE_UNAVAILABLE') this.#become('MODEL_STATE_READY', '');
      else this.#changed();
      this.#offer(index);
    } catch (thrown) {
      if (this.#unloading) return;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.#options.log.error('instance.restart_failed', {
        model: this.name,
        version: this.version,
        instance: index,
        reason,
      });
      this.#restartIn(Math.min(delayMs * 2, maxRestartDelayMs), index);
    }
  }

  /** Offers an instance that is free or about to be. */
  #offer(index: number): void {
    const slot = this.#slots[index];
    if (slot?.loaded !== undefined && this.#state === 'MODEL_STATE_READY' && slot.pace.takesMore)
      this.#credits.offer(index);
  }

  #become(state: ModelState__Output, reason: string): void {
    this.#state = state;
    this.#reason = reason;
    this.#changed();
  }

  #changed(): void {
    this.#streams.setInstances(this.#state === 'MODEL_STATE_READY' ? this.#streamSlots() : new Map());
    this.#options.onChange();
  }

  /** How many streams each instance takes that is there. */
  #streamSlots(): Map<InstanceHost, number> {
    const taking = this.#slots.filter(({ loaded }) => (loaded?.streamSlots ?? 0) > 0);
    return new Map(taking.map(({ host, loaded }) => [host, loaded?.streamSlots ?? 0]));
  }
}
