// The event log's own artifacts: files without a source, and `nats:<sha256>/<size>`, where the size may be left out of a manifest,
// which has it. Whichever log is configured answers.
import { invalidArgument, WeftError } from '@weft/errors';
import type { ArtifactDepot, StoredFile } from '../event-log/artifact-depot.ts';
import type { ArtifactSource } from './artifact-source.ts';

export function depotSource(depot: ArtifactDepot | undefined): ArtifactSource {
  return {
    async open({ reference, sha256, size, fromByte }) {
      const named = reference === '' ? { sha256, size } : parseNats(reference);
      const file = { sha256: named.sha256, size: size ?? named.size };
      if (!isStored(file))
        throw invalidArgument(`'${reference}' lacks its size: expected nats:<sha256>/<size in bytes>`);
      if (sha256 !== undefined && file.sha256 !== sha256)
        throw invalidArgument(`'${reference}' has another digest than ${sha256}`);
      if (depot === undefined) throw new WeftError('FAILED_PRECONDITION', 'no event log is configured to take it from');
      const bytes = depot.get(file, fromByte);
      return { startsAt: fromByte, ...file, edition: file.sha256, bytes, close: () => undefined };
    },
  };
}

/** Throws INVALID_ARGUMENT for what is no such reference. */
export function parseNats(reference: string): { readonly sha256: string; readonly size: number | undefined } {
  const [, sha256, size] = /^nats:([0-9a-f]{64})(?:\/(\d{1,15}))?$/.exec(reference) ?? [];
  if (sha256 === undefined)
    throw invalidArgument(`'${reference}' is no reference: expected nats:<sha256>/<size in bytes>`);
  return { sha256, size: size === undefined ? undefined : Number(size) };
}

function isStored(file: {
  readonly sha256: string | undefined;
  readonly size: number | undefined;
}): file is StoredFile {
  return file.sha256 !== undefined && file.size !== undefined;
}
