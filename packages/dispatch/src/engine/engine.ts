// The dispatch engine: calls in, answers out. It knows the replicas' states, keeps one lane for each model version and one
// attachment for each replica and model, and brings them together. A router runs it over remote replicas, a service
// over itself; there is no other way to an instance.
import { toWeftError, WeftError } from '@weft/errors';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import { Attachment } from '../replicas/attachment.ts';
import { requireInstances, requireMethod, rowsFor } from '../lanes/call-terms.ts';
import { createLane } from '../lanes/create-lane.ts';
import { DepartedReplicas } from '../replicas/departed-replicas.ts';
import type { EngineOptions } from './engine-options.ts';
import { firstReattachMs, lastReattachMs, type Replica } from './engine-replica.ts';
import { withEnsembles } from '../ensembles/with-ensembles.ts';
import {
  buildInventory,
  type DesiredModels,
  emptyInventory,
  type Inventory,
  type ReplicaView,
  type VersionView,
} from '../replicas/inventory.ts';
import type { Link, LinkHandlers, OpenAttach } from '../replicas/link.ts';
import type { Call, PendingCall } from '../lanes/pending-call.ts';
import { Pipes } from '../pipes/pipes.ts';
import { givenBack } from '../lanes/refusals.ts';
import { chooseVersion, isSupplanted, queuedView } from './resolve-version.ts';
import { DrawPoints } from '../rollout/draw-points.ts';
import { ShadowTraffic } from '../rollout/shadow-traffic.ts';
import { type VersionTally, VersionTallies } from '../rollout/version-tally.ts';
import { SequenceLanes } from '../sequences/sequence-lanes.ts';
import type { VersionLane } from '../lanes/version-lane.ts';

export class DispatchEngine {
  readonly #options: EngineOptions;
  readonly #replicas = new Map<string, Replica>();
  readonly #departed: DepartedReplicas;
  readonly #lanes = new Map<string, VersionLane>();
  readonly #sequences: SequenceLanes;
  readonly #tallies: VersionTallies;
  readonly #points = new DrawPoints();
  readonly #shadows: ShadowTraffic;
  readonly #nextPoint = (model: string): number => this.#points.next(model);
  /** Streams take no part in batches: they go from replica to replica by their own rules. */
  readonly pipes: Pipes;
  #desired: DesiredModels = emptyInventory.desired;
  #inventory: Inventory = emptyInventory;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { clock, observer } = options;
    this.#departed = new DepartedReplicas(clock, () => this.#rebuild());
    this.#tallies = new VersionTallies(clock, observer.counts);
    this.pipes = new Pipes({
      ...options,
      resolve: (model, version) => this.versionFor({ model, version }),
      replicas: () => this.#replicas,
      tallyOf: (view) => this.#tallies.of(view),
      observerOf: ({ model, version }) => observer.lane(model, version),
    });
    this.#sequences = new SequenceLanes(clock);
    this.#shadows = new ShadowTraffic({
      clock,
      onOutcome: (...outcome) => observer.onShadow?.(...outcome),
      submit: (copy, view) => this.#admit(copy, view),
    });
  }

  get inventory(): Inventory {
    return this.#inventory;
  }

  /** What is known of each replica, by its key. */
  get replicas(): ReadonlyMap<string, { readonly view: ReplicaView }> {
    return this.#replicas;
  }

  /** What became of the calls of a version, since some replica told of it; undefined when none was made. */
  tallyOf(model: string, version: string): VersionTally | undefined {
    return this.#tallies.get(model, version);
  }

  /** Calls that wait, over all model versions. */
  get waiting(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.size, 0);
  }

  /** The queue of each model version that has one. */
  get queues(): Iterable<Pick<VersionLane, 'model' | 'version' | 'size' | 'replicas'>> {
    return this.#lanes.values();
  }

  /**
   * The version that a call gets: that of its sequence, where it runs; else one is drawn where it names none and none was
   * drawn. Throws why there is none.
   */
  versionFor(call: Pick<Call, 'model' | 'version' | 'drawn' | 'sequence'>): VersionView {
    const runsOn = call.sequence === undefined ? undefined : this.#sequences.versionOf(call);
    const chosen = runsOn === undefined ? call : { model: call.model, version: call.version, drawn: runsOn };
    return chooseVersion(this.#inventory, chosen, this.#nextPoint);
  }

  /** Admits a call, which settles later, or throws why it cannot be served. The result cancels it. */
  submit(call: Call): PendingCall {
    const view = this.versionFor(call);
    // A part of a sequence means nothing to a shadow.
    const copied = call.version === '' && call.sequence === undefined;
    const shadow = copied ? this.#inventory.shadows.get(call.model) : undefined;
    const shadowed = shadow === undefined ? undefined : this.#shadows.draw(call, shadow);
    const pending = this.#admit(shadowed?.call ?? call, view);
    shadowed?.send();
    return pending;
  }

  /** What the event log wants, whole: who waits for a version that may not serve any more is drawn again. */
  desire(models: DesiredModels): void {
    this.#desired = models;
    this.#rebuild();
  }

  /** A replica's whole state, at its first report and after each change. `open` is used for models that appear. */
  updateReplica(key: string, state: ReplicaState__Output, open: OpenAttach): void {
    const known = this.#replicas.get(key);
    const replica = known ?? {
      view: { state, connected: true },
      open,
      attachments: new Map(),
      reattachMs: firstReattachMs,
    };
    replica.view = { state, connected: true };
    this.#replicas.set(key, replica);
    this.#rebuild();
  }

  /** The replica is lost: what it had goes to others; its models are remembered as unavailable. */
  loseReplica(key: string): void {
    const replica = this.#replicas.get(key);
    if (replica === undefined) return;
    replica.view = { state: replica.view.state, connected: false };
    this.#rebuild();
  }

  /** The replica is lost, and nobody expects it back: what no other one has is remembered for a while all the same. */
  forgetReplica(key: string): void {
    this.loseReplica(key);
    this.pipes.reach(key, undefined);
    if (this.#departed.take(this.#replicas, key)) this.#rebuild();
  }

  /** Closes every attachment; what waits is answered UNAVAILABLE. */
  stop(): void {
    for (const key of this.#replicas.keys()) this.loseReplica(key);
    for (const lane of this.#lanes.values()) {
      for (const pending of lane.takeAll())
        pending.settle({ error: new WeftError('UNAVAILABLE', 'draining: this process is stopping') });
    }
  }

  #admit(call: Call, view: VersionView): PendingCall {
    const tally = this.#tallies.of(view);
    try {
      requireMethod(view, call.method);
      const lane = this.#lane(view);
      const pending = lane.submit(call, rowsFor(view, call));
      if (call.sequence !== undefined) this.#sequences.beginsIn(lane, call);
      pending.tally = tally;
      return pending;
    } catch (thrown) {
      tally.refused(call.version === '', toWeftError(thrown).code);
      throw thrown;
    }
  }

  #rebuild(): void {
    this.#inventory = withEnsembles(buildInventory(this.#departed.with(this.#replicas), this.#desired));
    this.#tallies.keepOnly(this.#inventory.models);
    this.#points.keepOnly(this.#inventory.models);
    this.#shadows.keepOnly(this.#inventory.models);
    for (const [key, replica] of this.#replicas) this.#reconcile(key, replica);
    this.#rerouteStranded();
    this.pipes.changed();
    this.#options.observer.onInventory(this.#inventory);
  }

  /** Attaches to what the replica serves, detaches from what it serves no more. */
  #reconcile(key: string, replica: Replica): void {
    const { state, connected } = replica.view;
    for (const [model, attachment] of replica.attachments) {
      if (connected && state.models.some((entry) => entry.name === model)) continue;
      replica.attachments.delete(model);
      this.#detach(model, attachment);
      attachment.close(!connected);
    }
    for (const entry of state.models) {
      const { name, version, state: modelState } = entry;
      const serving = connected && !state.draining && modelState === 'MODEL_STATE_READY';
      const view = serving ? queuedView(this.#inventory, name, version) : undefined;
      const attachment =
        replica.attachments.get(name) ?? (view === undefined ? undefined : this.#attach(key, replica, name));
      if (attachment === undefined) continue;
      if (view === undefined) this.#lanes.get(laneKey(name, version))?.detach(attachment);
      else this.#lane(view).attach(attachment, entry);
    }
  }

  #attach(key: string, replica: Replica, model: string): Attachment {
    const open = (handlers: LinkHandlers): Link => replica.open(model, handlers);
    const attachment: Attachment = new Attachment(
      { endpoint: key, replicaId: replica.view.state.replicaId, open },
      {
        onCredits: (version) => {
          replica.reattachMs = firstReattachMs;
          this.#lanes.get(laneKey(model, version))?.changed();
        },
        onClosed: (reason) => {
          replica.attachments.delete(model);
          this.#detach(model, attachment);
          if (!replica.view.connected || replica.view.state.draining) return;
          // The stream alone was lost, not the replica, which still serves.
          this.#options.observer.onDetached(model, reason);
          this.#options.clock.setTimer(replica.reattachMs, () => this.#reconcile(key, replica));
          replica.reattachMs = Math.min(replica.reattachMs * 2, lastReattachMs);
        },
      },
    );
    replica.attachments.set(model, attachment);
    return attachment;
  }

  #detach(model: string, attachment: Attachment): void {
    for (const lane of this.#lanes.values()) if (lane.model === model) lane.detach(attachment);
  }

  /** Calls that need a place again: with their version, or another one that serves what they asked for. */
  #replace(model: string, version: string, calls: readonly PendingCall[]): void {
    const view = queuedView(this.#inventory, model, version);
    const again = calls.filter((pending) => pending.call.once !== true);
    for (const pending of calls) if (pending.call.once === true) pending.settle({ error: givenBack });
    if (view === undefined) this.#redraw(again);
    else this.#lane(view).putBack(again);
  }

  /** What waits for a version that nobody serves any more is drawn again, or fails with the reason. */
  #rerouteStranded(): void {
    for (const [key, lane] of this.#lanes) {
      if (queuedView(this.#inventory, lane.model, lane.version) !== undefined) continue;
      this.#lanes.delete(key);
      this.#sequences.delete(lane);
      this.#redraw(lane.takeAll());
    }
  }

  /** Calls that have waited already, before all others of the version they are drawn to now. */
  #redraw(calls: readonly PendingCall[]): void {
    const drawn = new Map<VersionLane, PendingCall[]>();
    for (const pending of calls) {
      try {
        const view = this.versionFor(pending.call);
        const lane = this.#lane(view);
        pending.tally = this.#tallies.of(view);
        const mates = drawn.get(lane);
        if (mates === undefined) drawn.set(lane, [pending]);
        else mates.push(pending);
      } catch (thrown) {
        pending.settle({ error: toWeftError(thrown) });
      }
    }
    for (const [lane, mates] of drawn) lane.putBack(mates);
  }

  #lane(view: VersionView): VersionLane {
    requireInstances(view);
    const key = laneKey(view.model, view.version);
    const known = this.#lanes.get(key);
    if (known?.describe(view) === true) return known;
    const lane = this.#newLane(view);
    this.#lanes.set(key, lane);
    this.#sequences.add(lane);
    if (known !== undefined) {
      // Loaded anew under its number, it batches sequences now, or no more.
      this.#sequences.delete(known);
      lane.putBack(known.takeAll());
    }
    return lane;
  }

  #newLane(view: VersionView): VersionLane {
    const { model, version } = view;
    const { clock, maxQueueSize, maxQueueBytes, maxBatchBytes, observer } = this.#options;
    const onLeft = (calls: readonly PendingCall[]): void => this.#replace(model, version, calls);
    const supplanted = (): boolean => isSupplanted(this.#inventory, model, version);
    const told = { observer: observer.lane(model, version), counts: observer.counts(model, version) };
    const limits = { maxQueueSize, maxQueueBytes, maxBatchBytes };
    const { lost } = this.#sequences;
    return createLane(view, { model, version, clock, ...limits, ...told, onLeft, supplanted, lost });
  }
}

function laneKey(model: string, version: string): string {
  return `${model}\n${version}`;
}
