// The sources by their schemes, as the settings allow them, and what they share: one agent that keeps connections.
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { type ArtifactSettings, matchesHost, parseHostPattern } from '@weft/config';
import { WeftError } from '@weft/errors';
import type { ArtifactDepot } from '../event-log/artifact-depot.ts';
import type { ArtifactSource } from './artifact-source.ts';
import { depotSource } from './depot-source.ts';
import { fileSource } from './file-source.ts';
import { guardedAgent } from './guarded-agent.ts';
import { httpsSource } from './https-source.ts';
import { huggingFaceSource } from './hugging-face-source.ts';
import { npmSource } from './npm-source.ts';

export interface SourcesOptions {
  readonly settings: Omit<ArtifactSettings, 'maxArtifactBytes' | 'trustedKeys'>;
  readonly npmRoots: readonly string[];
  /** Undefined where there is no event log. */
  readonly depot: ArtifactDepot | undefined;
  /** Certificate authorities and name resolution other than the system's. */
  readonly network?: { readonly ca?: string; readonly lookup?: LookupFunction };
}

export interface Sources {
  /** Throws INVALID_ARGUMENT for a scheme that there is none of. */
  of(reference: string): ArtifactSource;
  close(): Promise<void>;
}

export function createSources({ settings, npmRoots, depot, network = {} }: SourcesOptions): Sources {
  const hosts = settings.artifactHosts.map(parseHostPattern);
  const privateHosts = settings.artifactPrivateHosts
    .map(parseHostPattern)
    .map((host) => ({ ...host, plainHttp: true }));
  const agent = guardedAgent({
    mayBePrivate: (origin) => privateHosts.some((pattern) => matchesHost(pattern, origin)),
    ...network,
  });
  const https = httpsSource(agent, hosts);
  const own = depotSource(depot);
  const token = () => readToken(settings.hfTokenFile);
  const byScheme = new Map<string, ArtifactSource>([
    ['', own],
    ['nats', own],
    ['file', fileSource(settings.artifactRoots)],
    ['npm', npmSource(npmRoots)],
    ['https', https],
    ['http', https],
    ['hf', huggingFaceSource({ agent, hosts, endpoint: settings.hfEndpoint, token })],
  ]);
  return {
    of(reference) {
      const scheme = reference === '' ? '' : reference.slice(0, Math.max(0, reference.indexOf(':'))) || reference;
      const source = byScheme.get(scheme);
      if (source !== undefined) return source;
      throw new WeftError(
        'INVALID_ARGUMENT',
        `'${reference}' is no reference: one begins with npm:, file:, https:, hf: or nats:`,
      );
    },
    close: () => agent.destroy(),
  };
}

function readToken(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new WeftError('FAILED_PRECONDITION', 'the file of --hf-token-file cannot be read', { cause });
  }
}
