// What a replica knows of one model from the event log: the newest event that it could read, and the newest that it could
// not. Pure; events may come in any order, twice, or be garbage, and the record ends the same.
import { toWeftError, WeftError } from '@weft/errors';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { LoggedEvent } from '../event-log/event-log.ts';
import { readModelEvent } from '../event-log/model-event.ts';

export interface ModelRecord {
  readonly desired: DesiredModel__Output | undefined;
  /** Of the event that `desired` was read from; 0 without one. */
  readonly revision: number;
  /** That event, as it came. */
  readonly bytes: Uint8Array;
  /**
   * It was known before the log was lost, or in a former run of this replica. Whatever the log says of the model now counts more,
   * whatever its revision: a log that has lost its state begins again with low ones.
   */
  readonly provisional: boolean;
  /** A newer event than that one, which says nothing that can be acted upon. */
  readonly refused: { readonly revision: number; readonly problem: string } | undefined;
}

const unknown: ModelRecord = {
  desired: undefined,
  revision: 0,
  bytes: new Uint8Array(0),
  provisional: false,
  refused: undefined,
};

/** The record after an event of its model; the same object when the event changes nothing. */
export function recordEvent(known: ModelRecord = unknown, { model, revision, bytes }: LoggedEvent): ModelRecord {
  const actedRevision = known.provisional ? 0 : known.revision;
  if (revision <= actedRevision) return known;
  const read = readDesired(model, bytes);
  if (typeof read === 'string') {
    if (revision <= (known.refused?.revision ?? 0)) return known;
    return { ...known, refused: { revision, problem: read } };
  }
  const refused = known.refused !== undefined && known.refused.revision > revision ? known.refused : undefined;
  return { desired: read, revision, bytes, provisional: false, refused };
}

/** The record of an event that a former run had written down; undefined when it cannot be read any more. */
export function recallEvent(event: LoggedEvent): ModelRecord | undefined {
  const read = readDesired(event.model, event.bytes);
  if (typeof read === 'string') return undefined;
  return { ...unknown, desired: read, revision: event.revision, bytes: event.bytes, provisional: true };
}

/** The same after the log was lost: it tells its last events again. */
export function provisionally(record: ModelRecord): ModelRecord {
  return { ...record, provisional: true, refused: undefined };
}

/** The newest event that was seen, whether it could be acted upon or not. */
export function seenRevision({ revision, refused }: ModelRecord): number {
  return Math.max(revision, refused?.revision ?? 0);
}

/** What the event wants, or why it cannot be acted upon. */
function readDesired(model: string, bytes: Uint8Array): DesiredModel__Output | string {
  try {
    const event = readModelEvent(bytes);
    if (event === undefined) return 'an event of a kind that this version of weft does not know';
    if (event.model.name !== model) throw new WeftError('INVALID_ARGUMENT', `an event of '${event.model.name}'`);
    return event.model;
  } catch (thrown) {
    return `an event that cannot be acted upon: ${toWeftError(thrown).message}`;
  }
}
