// What the calls of the admin service share: changing a model on behalf of a caller, and following what the replicas make of it.
import type { Clock } from '@weft/flow';
import type { ArtifactDepot } from '@weft/models';
import type { Caller } from '../engine/caller.ts';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { DispatchEngine } from '../engine/engine.ts';
import type { DesiredModels } from '../rollout/desired-models.ts';
import type { ModelChange } from '../rollout/model-change.ts';
import { type ModelFacts, modelFacts } from '../rollout/model-facts.ts';
import type { Author, ModelWriter, Written } from '../rollout/model-writer.ts';
import type { Changes } from './changes.ts';
import { type LoggedChange, outcomeOf } from './outcome.ts';

export interface MeshAdminOptions {
  readonly engine: Pick<DispatchEngine, 'inventory' | 'replicas' | 'tallyOf' | 'queues'>;
  readonly artifacts: ArtifactDepot;
  readonly desired: DesiredModels;
  readonly writer: ModelWriter;
  /** Of the engine's inventory and of what is desired. */
  readonly changes: Changes;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** How many pushed versions of a model stay in its event. */
  readonly keepVersions: number;
}

export type ReplicaOutcomes = ReturnType<typeof outcomeOf>;

/** Whoever names no deadline waits no longer for the replicas. */
const longestWaitMs = 10 * 60_000;
/** What an answer needs to reach the client before its deadline. */
const lastWordMs = 250;

export class MeshAdmin {
  readonly options: MeshAdminOptions;

  constructor(options: MeshAdminOptions) {
    this.options = options;
  }

  facts(model: string, desired: DesiredModel__Output | undefined): ModelFacts {
    return modelFacts(this.options.engine.inventory, model, desired);
  }

  /** Throws what `change` would by what is known now. */
  check(model: string, author: Author, plan: (facts: ModelFacts) => ModelChange | undefined): void {
    this.options.writer.check(model, author, (last) => plan(this.facts(model, last)));
  }

  change(model: string, author: Author, plan: (facts: ModelFacts) => ModelChange | undefined): Promise<Written> {
    return this.options.writer.change(model, author, (last) => plan(this.facts(model, last)));
  }

  /** What the replicas have made of a change: now, at each change of that, and finally when all are settled or time is up. */
  async *outcomes(change: LoggedChange, context: Caller): AsyncGenerator<ReplicaOutcomes, void> {
    const { changes, clock } = this.options;
    const over = new AbortController();
    context.onCancelled(() => over.abort());
    const { deadlineMs } = context;
    const waitMs = Number.isFinite(deadlineMs) ? deadlineMs - lastWordMs - clock.now() : longestWaitMs;
    const cancelTimer = clock.setTimer(waitMs, () => over.abort());
    let told = '';
    try {
      for (;;) {
        const { count } = changes;
        const outcome = this.#now(change);
        const text = JSON.stringify(outcome);
        if (text !== told) yield outcome;
        told = text;
        if (outcome.settled || over.signal.aborted) return;
        await changes.after(count, over.signal);
      }
    } finally {
      cancelTimer();
    }
  }

  /** The last of them. */
  async outcome(change: LoggedChange, context: Caller): Promise<ReplicaOutcomes> {
    let last = this.#now(change);
    for await (const outcome of this.outcomes(change, context)) last = outcome;
    return last;
  }

  #now(change: LoggedChange): ReplicaOutcomes {
    const { engine, desired } = this.options;
    return outcomeOf(engine.replicas, change, Math.max(change.revision, desired.revisionOf(change.model)));
  }
}

export function authorOf({ identity, traceparent }: Caller): Author {
  return { name: identity.name, traceparent };
}
