// Appends events by compare-and-swap. A change is planned from what is known of the model; when another writer was faster, the
// log is read again and the change planned anew, so that nobody's change is lost and none is made twice. To a log that has lost
// a model the whole of what is known of it is written again.
import { invalidArgument, WeftError } from '@weft/errors';
import { type EventLog, editModelEvent, maxEventBytes, readModelEvent, validateModelName } from '@weft/models';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { DesiredModels } from './desired-models.ts';
import { applyChange, type ModelChange } from './model-change.ts';
import { readLast } from './read-last.ts';

export interface ModelWriterOptions {
  readonly eventLog: EventLog;
  readonly desired: DesiredModels;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** On whose behalf. */
export interface Author {
  readonly name: string;
  readonly traceparent: string;
}

export interface Written {
  readonly revision: number;
  readonly model: DesiredModel__Output;
}

/** What the last event of the model is to become; undefined: it says so already. */
export type PlanChange = (last: DesiredModel__Output | undefined) => ModelChange | undefined;

const mostAttempts = 8;

export class ModelWriter {
  readonly #options: ModelWriterOptions;

  constructor(options: ModelWriterOptions) {
    this.#options = options;
  }

  /**
   * Rejects with what `plan` throws and with what the log says: ABORTED when others were faster many times over, UNAVAILABLE when it
   * cannot be reached; then nobody knows whether the event was appended.
   */
  async change(model: string, author: Author, plan: PlanChange): Promise<Written> {
    validateModelName(model);
    const { eventLog, desired } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      if (attempt > 1) desired.onReading(model, await readLast(eventLog, model));
      const last = desired.last(model);
      const change = plan(last?.event.model);
      // A log that has lost the model is to say it again, though nothing changes.
      if (change === undefined && last !== undefined && desired.revisionOf(model) > 0)
        return { revision: last.revision, model: last.event.model };
      const bytes = change === undefined ? last?.bytes : this.#event(model, { author, change, last: last?.bytes });
      if (bytes === undefined) throw new Error('a plan must change what is not there yet');
      const written = readModelEvent(bytes)?.model;
      if (written === undefined) throw new Error('an event of a kind that this version does not know');
      try {
        const revision = await eventLog.append({ model, bytes, after: desired.revisionOf(model) });
        desired.onEvent({ model, revision, bytes });
        return { revision, model: written };
      } catch (thrown) {
        if (!(thrown instanceof WeftError) || thrown.code !== 'ABORTED' || attempt === mostAttempts) throw thrown;
      }
    }
  }

  /** Throws what `change` would, by what is known now, and appends nothing. */
  check(model: string, author: Author, plan: PlanChange): void {
    const last = this.#options.desired.last(model);
    const change = plan(last?.event.model);
    if (change !== undefined) this.#event(model, { author, change, last: last?.bytes });
  }

  #event(
    model: string,
    { author, change, last }: { author: Author; change: ModelChange; last: Uint8Array | undefined },
  ): Uint8Array {
    const { name, traceparent } = author;
    const about = { author: name, atMs: this.#options.wallClock(), traceparent, reason: change.reason };
    const event = editModelEvent(last, about, (message, create) =>
      applyChange(model, change, { model: message, create }),
    );
    if (event.length > maxEventBytes) throw outgrown(model, event);
    return event;
  }
}

function outgrown(model: string, event: Uint8Array): WeftError {
  const versions = readModelEvent(event)?.model.versions.length ?? 0;
  return invalidArgument(
    `model '${model}' has outgrown its event: ${event.length} bytes with ${versions} pushed ${versions === 1 ? 'version' : 'versions'}, and at most ${maxEventBytes} fit. ` +
      'Versions that its version policy serves are never dropped: choose fewer by version_policy in the configuration that is pushed',
  );
}
