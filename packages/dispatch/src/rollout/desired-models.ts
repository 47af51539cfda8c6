// What the router knows of the event log: the last event of each model. What is in the log may be anything; an event that cannot
// be read is told once and changes nothing, one that was heard before changes nothing either. While the log is away the router
// serves on from what it knows.
import { toWeftError } from '@weft/errors';
import { type DesiredEvent, type EventLog, type Follower, type LoggedEvent, readModelEvent } from '@weft/models';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { Log } from '@weft/telemetry';

/** The last event of a model that could be read. */
export interface KnownEvent {
  readonly revision: number;
  readonly bytes: Uint8Array;
  readonly event: DesiredEvent;
}

export interface DesiredModelsOptions {
  readonly eventLog: EventLog;
  readonly log: Log;
  /** After each change of what is known, but once for all that was in the log. */
  readonly onChange: (models: ReadonlyMap<string, DesiredModel__Output>) => void;
}

export class DesiredModels implements Follower {
  readonly #options: DesiredModelsOptions;
  readonly #known = new Map<string, KnownEvent>();
  /** The last event of each model, readable or not: what the next one has to follow. */
  readonly #revisions = new Map<string, number>();
  /** Models that were told of since the log was last away: it may have lost its state, and then lower revisions hold. */
  readonly #toldSince = new Set<string>();
  #models: ReadonlyMap<string, DesiredModel__Output> = new Map();
  #caughtUp = false;
  /** The log was away and tells all it has once more: what it does not tell until it is caught up, it has lost. */
  #tellsAgain = false;
  #problem: string | undefined = notHeard;
  #unfollow: () => void = () => {};

  constructor(options: DesiredModelsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unfollow = this.#options.eventLog.follow(this);
  }

  stop(): void {
    this.#unfollow();
  }

  get models(): ReadonlyMap<string, DesiredModel__Output> {
    return this.#models;
  }

  /** What stands between the router and the log, for people; undefined when nothing does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  last(model: string): KnownEvent | undefined {
    return this.#known.get(model);
  }

  /** Of the model's last event, whatever it was; 0 when the log has none, or has lost it. */
  revisionOf(model: string): number {
    return this.#revisions.get(model) ?? 0;
  }

  onEvent(event: LoggedEvent): void {
    const isNew = event.revision > this.revisionOf(event.model);
    const startsAnew = this.#tellsAgain && !this.#toldSince.has(event.model);
    this.#toldSince.add(event.model);
    if (!isNew && !(startsAnew && event.revision < this.revisionOf(event.model))) return;
    this.#revisions.set(event.model, event.revision);
    const read = this.#read(event);
    if (read === undefined) return;
    this.#known.set(event.model, { revision: event.revision, bytes: event.bytes, event: read });
    if (this.#caughtUp) this.#tell();
  }

  onCaughtUp(): void {
    this.#caughtUp = true;
    if (this.#tellsAgain)
      for (const model of this.#revisions.keys()) if (!this.#toldSince.has(model)) this.#forgotten(model);
    this.#tellsAgain = false;
    if (this.#problem === notHeard) this.#problem = undefined;
    this.#tell();
  }

  onProblem(problem: string | undefined): void {
    if (problem === this.#problem) return;
    if (problem === undefined) this.#options.log.info('event_log.back');
    else this.#options.log.warn('event_log.away', { reason: problem });
    this.#problem = problem;
    if (problem !== undefined) {
      this.#tellsAgain = true;
      this.#toldSince.clear();
    }
    this.#options.onChange(this.#models);
  }

  /** Of one model the log has just been read anew: `event` is its last one, undefined when the log knows none. */
  onReading(model: string, event: LoggedEvent | undefined): void {
    if (event === undefined) this.#forgotten(model);
    else this.onEvent(event);
  }

  /** The log has lost the model: it stays as it was, and its next event is a first one. */
  #forgotten(model: string): void {
    this.#revisions.delete(model);
  }

  #read({ model, revision, bytes }: LoggedEvent): DesiredEvent | undefined {
    try {
      const event = readModelEvent(bytes);
      if (event === undefined || event.model.name === model) return event;
      this.#warn(`it stands under '${model}' and speaks of '${event.model.name}'`, { model, revision });
    } catch (thrown) {
      this.#warn(toWeftError(thrown).message, { model, revision });
    }
    return undefined;
  }

  #warn(reason: string, fields: { readonly model: string; readonly revision: number }): void {
    this.#options.log.warn('event_log.unreadable', { ...fields, reason });
  }

  #tell(): void {
    this.#models = new Map([...this.#known].map(([name, { event }]) => [name, event.model]));
    this.#options.onChange(this.#models);
  }
}

const notHeard = 'the event log has not told yet what it holds';
