// The step before resolveArtifact for models that refer to other machines: `https:`, `hf:` and `nats:` references of weft.source,
// weft.part.* and weft.file.* are fetched, and the folder tells where they lie. What is local is left alone.
import type { ModelFolder } from '../artifact.ts';
import { remoteReferences } from './remote-references.ts';
import type { VersionStore } from './version-store.ts';

/** Resolves to what resolveArtifact takes. Fails like VersionStore.place, and with INVALID_ARGUMENT for digests that are none. */
export async function fetchReferences(
  { directory, config }: ModelFolder,
  store: Pick<VersionStore, 'fetch'>,
  signal: AbortSignal,
): Promise<ModelFolder> {
  const references = remoteReferences(config);
  if (references.length === 0) return { directory, config };
  return { directory, config, fetched: await store.fetch(references, signal) };
}
