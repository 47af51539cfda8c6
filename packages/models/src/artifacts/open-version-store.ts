// A version store as the settings say it.
import { join } from 'node:path';
import type { ArtifactSettings } from '@weft/config';
import { createSources, type SourcesOptions } from './create-sources.ts';
import { readTrustedKeys } from './trusted-keys.ts';
import { VersionStore, type VersionStoreOptions } from './version-store.ts';

export interface OpenVersionStoreOptions
  extends Omit<SourcesOptions, 'settings'>,
    Pick<VersionStoreOptions, 'localArtifacts' | 'retry'> {
  readonly settings: ArtifactSettings & { readonly dataDirectory: string };
  readonly service: string;
}

/** Throws INVALID_ARGUMENT for keys that cannot be read. */
export function openVersionStore(options: OpenVersionStoreOptions): VersionStore {
  const { settings, service, localArtifacts, retry } = options;
  return new VersionStore({
    directory: join(settings.dataDirectory, 'fetched', service),
    sources: createSources(options),
    maxArtifactBytes: settings.maxArtifactBytes,
    trustedKeys: readTrustedKeys(settings.trustedKeys),
    ...(localArtifacts === undefined ? {} : { localArtifacts }),
    ...(retry === undefined ? {} : { retry }),
  });
}
