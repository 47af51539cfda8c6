// Turns a version of an event into a folder that can be served from. Files are fetched once per digest, checked, and kept by their
// digest; a version's folder is made of hard links to them, beside what is served, and appears by a rename: whole or not at all.
//
//   <directory>/files/<sha256>                      shared by all processes of the directory
//   <directory>/references/<digest>.json            what references without a digest stood for
//   <directory>/owners/<host.pid.random>/           one process: versions/, references/, partial/ (whatever is unfinished)
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { linkedAbort } from '@weft/flow';
import type { ModelFolder } from '../artifact.ts';
import type { Sources } from './create-sources.ts';
import type { RetrySchedule } from './download.ts';
import { FileCache } from './file-cache.ts';
import { OwnFolder } from './own-folder.ts';
import { checkManifest, type PushedVersion } from './pushed-version.ts';
import { ReferenceFolders } from './reference-folders.ts';
import type { Reference } from './remote-references.ts';
import { SharedCalls } from './shared-calls.ts';
import { about, storeFailure } from './store-failure.ts';
import type { TrustedKeys } from './trusted-keys.ts';
import { verifyVersion } from './verify-version.ts';

export interface VersionStoreOptions {
  /** Of this service alone, below the data directory: replicas that share it want the same versions. */
  readonly directory: string;
  /** Closed with the store. */
  readonly sources: Sources;
  readonly maxArtifactBytes: number;
  /** Empty: versions need no signature. */
  readonly trustedKeys: TrustedKeys;
  /** Files by digest that need no second copy: `<dataDirectory>/artifacts` of an embedded event log. */
  readonly localArtifacts?: string;
  readonly retry?: RetrySchedule;
}

export interface PlaceOptions {
  readonly signal: AbortSignal;
  /** Of the whole version; fewer bytes than before when a file had to begin anew. */
  readonly onProgress?: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void;
}

/** What must stay. */
export interface NeededArtifacts {
  /** Versions that are or should be served. */
  readonly versions: readonly PushedVersion[];
  /** Results of fetchReferences that are in use; undefined: all there are. */
  readonly folders: readonly ModelFolder[] | undefined;
}

export class VersionStore {
  readonly #own: OwnFolder;
  readonly #cache: FileCache;
  readonly #references: ReferenceFolders;
  readonly #sources: Sources;
  readonly #trustedKeys: TrustedKeys;
  readonly #versions: string;
  readonly #placements = new SharedCalls<string>();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor({ directory, sources, maxArtifactBytes, trustedKeys, localArtifacts, retry }: VersionStoreOptions) {
    const root = resolve(directory);
    this.#own = new OwnFolder(join(root, 'owners'));
    this.#versions = join(this.#own.path, 'versions');
    this.#cache = new FileCache({
      directory: join(root, 'files'),
      own: this.#own,
      sources,
      maxBytes: maxArtifactBytes,
      retry: retry ?? { retries: 6, firstDelayMs: 500 },
      localArtifacts,
    });
    this.#references = new ReferenceFolders(join(root, 'references'), this.#cache, this.#own);
    this.#sources = sources;
    this.#trustedKeys = trustedKeys;
  }

  /**
   * Resolves to the model's folder, which holds `<version>/<files>` and nothing else; to the same one again while it is kept. Rejects
   * with DATA_LOSS (other content than the event says), RESOURCE_EXHAUSTED (too large, or no room), NOT_FOUND, PERMISSION_DENIED
   * (source or signature), UNAVAILABLE, INVALID_ARGUMENT or CANCELLED, and a message for people. Nothing stays of what failed.
   */
  async place(pushed: PushedVersion, options: PlaceOptions): Promise<string> {
    checkManifest(pushed);
    verifyVersion(pushed, this.#trustedKeys);
    const key = keyOf(pushed);
    const folder = join(this.#versions, key);
    const place = async (signal: AbortSignal): Promise<string> => {
      if ((await stat(folder).catch(() => undefined)) === undefined)
        await this.#build(pushed, folder, { ...options, signal });
      return folder;
    };
    return this.#untilClosed(options.signal, (signal) => this.#placements.join(key, signal, place));
  }

  /** Fetches references to other machines; resolves to where each file lies, all in one folder. See fetchReferences. */
  fetch(references: readonly Reference[], signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    return this.#untilClosed(signal, (either) => this.#references.fetch(references, either));
  }

  /**
   * Removes what no version needs any more, and what killed processes left. `needed` is asked before each removal, as more may be
   * wanted meanwhile; it must name a version before that is placed, and no folders while references are being fetched. A model that
   * runs keeps what it has opened.
   */
  async sweep(needed: () => NeededArtifacts): Promise<void> {
    for (const name of await readdir(this.#versions).catch(() => [])) {
      if (!needed().versions.some((pushed) => keyOf(pushed) === name))
        await this.#own.discard(join(this.#versions, name));
    }
    await this.#references.keepOnly(() => needed().folders);
    await this.#own.removeAbandoned();
    await this.#cache.removeUnused(() => {
      const files = needed().versions.flatMap(({ version }) => version.files);
      return new Set(files.map(({ sha256 }) => sha256));
    });
    await this.#references.forgetRemoved();
  }

  /** Cancels what is under way; the fetched files stay for the next start. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the store is closed'));
    await Promise.allSettled(this.#running);
    await this.#sources.close();
    await this.#own.remove();
  }

  async #untilClosed<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const either = linkedAbort(signal, this.#closing.signal);
    const running = work(either.signal);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      either.release();
    }
  }

  async #build({ version }: PushedVersion, folder: string, { signal, onProgress }: PlaceOptions): Promise<void> {
    const staging = this.#own.unfinished();
    const totalBytes = version.files.reduce((sum, { size }) => sum + size, 0);
    let doneBytes = 0;
    try {
      for (const { path, sha256, size, source } of version.files) {
        const target = join(staging, version.version, path);
        const onBytes = (bytes: number): void => onProgress?.({ doneBytes: doneBytes + bytes, totalBytes });
        try {
          await mkdir(dirname(target), { recursive: true });
          await this.#cache.place({ reference: source, sha256, size }, target, { signal, onBytes });
        } catch (thrown) {
          throw about(`file '${path}'`, thrown);
        }
        doneBytes += size;
      }
      await mkdir(this.#versions, { recursive: true });
      await rename(staging, folder);
    } catch (thrown) {
      throw storeFailure(thrown);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
}

/** The same for the same files under the same paths: a version that is pushed anew with others gets another folder. */
function keyOf({ model, version }: PushedVersion): string {
  const files = version.files.map(({ path, sha256, size }) => [path, sha256, size]);
  const text = JSON.stringify([model, version.version, files]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
