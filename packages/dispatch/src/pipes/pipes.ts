// Streams of clients on their way to replicas: which version, which replica, when there is a slot (passage.ts). The batches of the
// engine (engine.ts) go by other rules: a stream occupies its instance for as long as it lasts, so there is nothing to gather and
// nothing to plan.
import type { Clock } from '@weft/flow';
import { loadOf, type Replica } from '../engine/engine-replica.ts';
import { configKey, type VersionView } from '../replicas/inventory.ts';
import { schedulingFor } from '../lanes/queueing-terms.ts';
import { KeptBytes } from './kept-bytes.ts';
import { Passage, type PassageListener, type PipeCall, type StreamTally, type Ways } from './passage.ts';
import type { OpenPipe, Pipe } from './pipe.ts';
import type { SlotObserver } from './slot-line.ts';
import { SlotQueue } from './slot-queue.ts';
import { VersionPlaces, type VersionPlacesOptions } from './version-places.ts';

type PipesObserver = SlotObserver & VersionPlacesOptions['observer'];

export interface PipesOptions {
  readonly clock: Clock;
  /** Streams that may wait for one model version, and the bytes of what they have said. */
  readonly maxQueueSize: number;
  /** As many are kept of all streams that have a slot, so that they can move. */
  readonly maxQueueBytes: number;
  /** The version that a stream gets; draws among those that serve where it names none. Throws why there is none. */
  readonly resolve: (model: string, version: string) => VersionView;
  readonly replicas: () => ReadonlyMap<string, Pick<Replica, 'view' | 'attachments'>>;
  readonly tallyOf: (view: VersionView) => StreamTally;
  readonly observerOf: (view: VersionView) => PipesObserver;
}

interface Queue {
  view: VersionView;
  readonly slots: SlotQueue<string>;
  readonly places: VersionPlaces;
}

/** The streams of one model version. */
export interface StreamLine {
  readonly model: string;
  readonly version: string;
  readonly waiting: number;
  /** Slots of all replicas: those that streams of this process have, and the others. */
  readonly taken: number;
  readonly free: number;
}

export class Pipes {
  readonly #options: PipesOptions;
  readonly #ways: Ways;
  readonly #reached = new Map<string, OpenPipe>();
  readonly #queues = new Map<string, Queue>();

  constructor(options: PipesOptions) {
    this.#options = options;
    this.#ways = {
      ...options,
      budget: new KeptBytes(options.maxQueueBytes),
      placesOf: (view) => this.#queue(view).places,
      reached: (key) => this.#reached.get(key),
    };
  }

  /** How streams come to this replica; undefined: it is forgotten. */
  reach(key: string, open: OpenPipe | undefined): void {
    if (open === undefined) this.#reached.delete(key);
    else this.#reached.set(key, open);
    this.changed();
  }

  /** To be called when a replica came, went, or reports something else. */
  changed(): void {
    for (const [key, { view, slots, places }] of this.#queues) {
      const wanted = this.#placesOf(view);
      places.setPlaces(wanted);
      if (wanted.size === 0 && slots.open === 0 && slots.waiting === 0) this.#queues.delete(key);
    }
  }

  /** A stream, whatever replica it goes to. */
  open(call: PipeCall, listener: PassageListener): Pipe {
    return new Passage(this.#ways, call, listener);
  }

  /** Of each model version that takes streams, or has some. */
  lines(): readonly StreamLine[] {
    const versions = new Map<string, { readonly model: string; readonly version: string }>(
      [...this.#queues].map(([key, { view }]) => [key, view]),
    );
    for (const { view } of this.#options.replicas().values())
      for (const { name: model, version, streamSlots } of view.state.models)
        if (streamSlots > 0) versions.set(keyOf({ model, version }), { model, version });
    return [...versions].map(([key, { model, version }]) => {
      const queue = this.#queues.get(key)?.slots;
      const slots = [...this.#placesOf({ model, version }).values()].reduce((sum, count) => sum + count, 0);
      const taken = queue?.open ?? 0;
      return { model, version, waiting: queue?.waiting ?? 0, taken, free: Math.max(0, slots - taken) };
    });
  }

  #queue(view: VersionView): Queue {
    const key = keyOf(view);
    const known = this.#queues.get(key);
    if (known !== undefined) {
      if (view.entry !== known.view.entry && configKey(view) !== configKey(known.view))
        known.slots.reschedule(schedulingFor(view));
      known.view = view;
      return known;
    }
    const { clock, maxQueueSize: maxWaiting, maxQueueBytes: maxWaitingBytes, observerOf, replicas } = this.#options;
    const observer = observerOf(view);
    const slots = new SlotQueue<string>({
      ...{ clock, model: view.model, maxWaiting, maxWaitingBytes },
      scheduling: schedulingFor(view),
      observer,
      loadOf: (replica) => loadOf(replicas().get(replica)),
    });
    const places = new VersionPlaces({ clock, queue: slots, observer });
    places.setPlaces(this.#placesOf(view));
    const queue = { view, slots, places };
    this.#queues.set(key, queue);
    return queue;
  }

  /** Replicas that take streams of a version, and how many. */
  #placesOf({ model, version }: Pick<VersionView, 'model' | 'version'>): ReadonlyMap<string, number> {
    const places = new Map<string, number>();
    for (const [key, { view }] of this.#options.replicas()) {
      if (!view.connected || view.state.draining || !this.#reached.has(key)) continue;
      const entry = view.state.models.find((candidate) => candidate.name === model && candidate.version === version);
      if (entry?.state === 'MODEL_STATE_READY' && entry.streamSlots > 0) places.set(key, entry.streamSlots);
    }
    return places;
  }
}

function keyOf({ model, version }: Pick<VersionView, 'model' | 'version'>): string {
  return `${model}\n${version}`;
}
