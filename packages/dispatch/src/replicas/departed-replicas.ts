// Replicas that nobody expects back, as long as they are missed. Where the last one of a model goes, as in a rolling update of a service
// that has no more than one, its successor may not be known yet: who asks for the model meanwhile hears that it is not there, and
// comes again. That nobody knows it, which clients take for final, they hear only when it has stayed away.
import type { Clock } from '@weft/flow';
import type { ReplicaView } from './inventory.ts';

/** Long enough for a machine to be had, an image to be fetched and a model to be loaded. */
const missedMs = 10 * 60_000;

export class DepartedReplicas {
  readonly #clock: Clock;
  readonly #onForgotten: () => void;
  /** The last first. */
  #views: readonly ReplicaView[] = [];

  constructor(clock: Clock, onForgotten: () => void) {
    this.#clock = clock;
    this.#onForgotten = onForgotten;
  }

  /** Takes one out of those that are there; false where it is not. */
  take(replicas: Map<string, { readonly view: ReplicaView }>, key: string): boolean {
    const view = replicas.get(key)?.view;
    if (view === undefined) return false;
    replicas.delete(key);
    this.#views = [view, ...this.#views];
    this.#clock.setTimer(missedMs, () => {
      if (!this.#views.includes(view)) return;
      this.#views = this.#views.filter((other) => other !== view);
      this.#onForgotten();
    });
    return true;
  }

  /** Those that are there, and of the departed those with a model that nobody else knows; all others are forgotten. */
  with(replicas: ReadonlyMap<string, { readonly view: ReplicaView }>): readonly ReplicaView[] {
    const present = [...replicas.values()].map(({ view }) => view);
    const known = new Set(present.flatMap(modelNames));
    this.#views = this.#views.filter((view) => {
      const missed = modelNames(view).filter((name) => !known.has(name));
      for (const name of missed) known.add(name);
      return missed.length > 0;
    });
    return [...present, ...this.#views];
  }
}

function modelNames({ state }: ReplicaView): string[] {
  return state.models.map(({ name }) => name);
}
