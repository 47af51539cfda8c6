// The event log's own artifacts: files without a source, and `nats:<sha256>`. Whichever log is configured answers.
import { invalidArgument, WeftError } from '@weft/errors';
import type { ArtifactDepot } from '../event-log/artifact-depot.ts';
import type { ArtifactSource } from './artifact-source.ts';

export function depotSource(depot: ArtifactDepot | undefined): ArtifactSource {
  return {
    async open({ reference, sha256, size, fromByte }) {
      if (depot === undefined) throw new WeftError('FAILED_PRECONDITION', 'no event log is configured to take it from');
      const digest = reference === '' ? sha256 : digestOf(reference);
      if (digest === undefined || (sha256 !== undefined && digest !== sha256))
        throw invalidArgument(`'${reference}' has another digest than ${sha256}`);
      const bytes = depot.get({ sha256: digest, size: size ?? 0 }, fromByte);
      return { startsAt: fromByte, size, sha256: digest, edition: digest, bytes, close: () => undefined };
    },
  };
}

/** The digest that `nats:<sha256>` names. */
export function digestOf(reference: string): string {
  const [, digest] = /^nats:([0-9a-f]{64})$/.exec(reference) ?? [];
  if (digest === undefined)
    throw invalidArgument(`'${reference}' is no reference: expected nats: and a sha-256 digest`);
  return digest;
}
