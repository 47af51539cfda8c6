// For tests: what the event log wants of a model, in the form of the wire.
import { editModelEvent, readModelEvent } from '@weft/models';
import type { DesiredModel } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';

const about = { author: 'test', atMs: 0, traceparent: '', reason: '' };

/** An event that says this of the model `m` of the service `custom`, unless it says otherwise. */
export function eventOf(fields: DesiredModel = {}): Uint8Array {
  return editModelEvent(undefined, about, (model) => Object.assign(model, { name: 'm', service: 'custom' }, fields));
}

export function desired(fields: DesiredModel = {}): DesiredModel__Output {
  const event = readModelEvent(eventOf(fields));
  if (event === undefined) throw new Error('no event of a known kind');
  return event.model;
}
