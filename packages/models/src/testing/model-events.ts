// For tests: events of the model lifecycle from the few fields that a test cares about.
import { createHash } from 'node:crypto';
import type { DesiredModel } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { DesiredVersion } from '@weft/rpc/messages/weft/models/v1/DesiredVersion';
import { editModelEvent } from '../event-log/model-event.ts';

/** The encoded event of the model `m` of the service `probe`, unless `model` says otherwise. */
export function encodedEvent(model: DesiredModel): Uint8Array {
  return editModelEvent(undefined, { author: 'test', atMs: 0, traceparent: '', reason: '' }, (message) =>
    Object.assign(message, { name: 'm', service: 'probe', ...model }),
  );
}

/** A pushed version with one file of this content; another content is another file. */
export function pushedVersion(version: string, content = `version ${version}`, config = {}): DesiredVersion {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { version, config, files: [{ path: 'model.json', sha256, size: bytes.length }] };
}
