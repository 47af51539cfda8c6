// What a router takes for desired before its event log has spoken, and of models that the log does not tell of: what it knew when
// it ran last. Without that a restart gives everything to the newest version, though that may be a canary of 5 %, or a shadow
// whose answers are for nobody. Stands between the log and its follower, and keeps for the next start what the follower takes.
import type { Clock } from '@weft/flow';
import { type EventLog, type Follower, type LastKnown, type LoggedEvent, recallEvent } from '@weft/models';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { Log } from '@weft/telemetry';
import type { DesiredModels } from '../replicas/inventory.ts';
import type { KnownEvent } from './desired-models.ts';

export interface RecalledModelsOptions {
  readonly lastKnown: LastKnown;
  readonly clock: Clock;
  readonly log: Log;
}

/** A start does not wait longer for a log that neither answers nor says why. */
const firstWordMs = 3_000;

export class RecalledModels {
  readonly #options: RecalledModelsOptions;
  readonly #recalled = new Map<string, DesiredModel__Output>();
  /** Model → its event that was written down last. */
  readonly #kept = new Map<string, KnownEvent>();
  #hear: (problem: string | undefined) => void = () => {};

  /** Resolves when the log has told what it holds, or why it cannot, or has had its time: from `over(…).follow` on. */
  readonly firstWord: Promise<void>;

  constructor(options: RecalledModelsOptions) {
    this.#options = options;
    for (const event of options.lastKnown.read()) {
      const desired = recallEvent(event)?.desired;
      if (desired !== undefined) this.#recalled.set(event.model, desired);
    }
    this.firstWord = new Promise((resolve) => {
      this.#hear = (problem) => {
        this.#hear = () => {};
        if (problem !== undefined && this.#recalled.size > 0)
          options.log.warn('models.recalled', { reason: problem, models: this.#recalled.size });
        resolve();
      };
    });
  }

  /** With what is known from before, of models that are not among these. */
  with(models: DesiredModels): DesiredModels {
    return this.#recalled.size === 0 ? models : new Map([...this.#recalled, ...models]);
  }

  /** The same log; `last` is what its follower has taken of a model. */
  over(eventLog: EventLog, last: (model: string) => KnownEvent | undefined): EventLog {
    return {
      artifacts: eventLog.artifacts,
      append: (event) => eventLog.append(event),
      follow: (follower) => this.#follow(eventLog, follower, last),
      close: () => eventLog.close(),
    };
  }

  /** Resolves when all that was taken is written. */
  written(): Promise<void> {
    return this.#options.lastKnown.written();
  }

  #follow(eventLog: EventLog, follower: Follower, last: (model: string) => KnownEvent | undefined): () => void {
    const cancel = this.#options.clock.setTimer(firstWordMs, () => this.#hear('the event log does not answer'));
    const unfollow = eventLog.follow({
      onEvent: (event) => {
        follower.onEvent(event);
        this.#keep(event, last(event.model));
      },
      onCaughtUp: () => {
        follower.onCaughtUp();
        cancel();
        this.#hear(undefined);
      },
      onProblem: (problem) => {
        follower.onProblem(problem);
        if (problem !== undefined) this.#hear(problem);
      },
    });
    return () => {
      cancel();
      unfollow();
    };
  }

  /** Once, however often it is told, and not what the follower has refused. */
  #keep(event: LoggedEvent, taken: KnownEvent | undefined): void {
    const { model, revision } = event;
    if (taken?.revision !== revision || this.#kept.get(model) === taken) return;
    this.#kept.set(model, taken);
    this.#options.lastKnown.write(event);
  }
}
