// For tests of the version store: a folder that goes when the test ends, versions made of texts, and what is on disk.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { type ArtifactSettings, artifactSettings } from '@weft/config';
import type { ModelFolder } from '../../artifact.ts';
import { parseConfigJson } from '../../config-file.ts';
import type { ArtifactDepot } from '../../event-log/artifact-depot.ts';
import { MemoryEventLog } from '../../testing/memory-event-log.ts';
import { type OpenVersionStoreOptions, openVersionStore } from '../open-version-store.ts';
import type { PushedVersion } from '../pushed-version.ts';
import type { NeededArtifacts, VersionStore } from '../version-store.ts';

/** Is never aborted. */
export const never: AbortSignal = new AbortController().signal;
const fastRetry = { retries: 3, firstDelayMs: 1 };

export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export const artifactDefaults: ArtifactSettings = {
  artifactRoots: [],
  artifactHosts: artifactSettings.artifactHosts.default,
  artifactPrivateHosts: [],
  maxArtifactBytes: artifactSettings.maxArtifactBytes.default,
  hfEndpoint: artifactSettings.hfEndpoint.default,
  hfTokenFile: undefined,
  trustedKeys: [],
};

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

type StoreOptions = Partial<Omit<OpenVersionStoreOptions, 'settings'>> & {
  readonly settings?: Partial<ArtifactSettings>;
};

/** A store that closes with the test; its files lie in `<folder>/fetched/custom`. */
export function storeIn(t: TestContext, folder: string, { settings, ...options }: StoreOptions = {}): VersionStore {
  const store = openVersionStore({
    npmRoots: [],
    depot: undefined,
    retry: fastRetry,
    service: 'custom',
    ...options,
    settings: { ...artifactDefaults, ...settings, dataDirectory: folder },
  });
  t.after(() => store.close());
  return store;
}

/** A version of the given files, each a text or what the event says of it. */
export function pushed(
  files: Readonly<Record<string, string | { sha256?: string; size?: number; source?: string; text: string }>>,
  version = '3',
): PushedVersion {
  const manifest = Object.entries(files).map(([path, content]) => {
    const { text, ...said } = typeof content === 'string' ? { text: content } : content;
    return { path, sha256: sha256Of(text), size: Buffer.byteLength(text), source: '', ...said };
  });
  const config = parseConfigJson('{"max_batch_size": 4}');
  return { model: 'm', service: 'custom', version: { version, config, files: manifest, signatures: [] } };
}

/** What a sweep must leave: these versions, and these results of fetchReferences; by default all of those. */
export function keeping(versions: readonly PushedVersion[], folders?: readonly ModelFolder[]): () => NeededArtifacts {
  return () => ({ versions, folders });
}

export async function depotOf(...texts: string[]): Promise<ArtifactDepot> {
  const { artifacts } = new MemoryEventLog();
  for (const text of texts) {
    const put = { sha256: sha256Of(text), size: Buffer.byteLength(text) };
    await artifacts.put(put, pieces([text]));
  }
  return artifacts;
}

/** A depot of which nothing but `get` is used. */
export function depotThat(get: ArtifactDepot['get']): ArtifactDepot {
  return { has: async () => true, put: async () => undefined, get };
}

export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

export async function* pieces(texts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** Paths of all files below a folder, with slashes, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => relative(folder, path).replaceAll('\\', '/'))
    .sort();
}
