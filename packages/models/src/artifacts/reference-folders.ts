// References of configurations to files on other machines (weft.source and the like), fetched once. Where no digest pins one, what
// its source calls the content (an ETag, a commit) tells whether it has changed; a source that cannot be reached leaves the last one.
// The files of one model lie in one folder under their own names, as a model finds its weights beside it.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { WeftError } from '@weft/errors';
import type { ModelFolder } from '../artifact.ts';
import type { StoredFile } from '../event-log/artifact-depot.ts';
import { parseNats } from './depot-source.ts';
import type { FileCache, RefetchOptions } from './file-cache.ts';
import { isCommit, parseHuggingFace } from './hugging-face-source.ts';
import type { OwnFolder } from './own-folder.ts';
import type { Reference } from './remote-references.ts';
import { SharedCalls } from './shared-calls.ts';
import { about, failedWith, storeFailure } from './store-failure.ts';

interface Known extends StoredFile {
  readonly reference: string;
  readonly edition: string;
}

export class ReferenceFolders {
  readonly #records: string;
  readonly #cache: FileCache;
  readonly #own: OwnFolder;
  readonly #folders: string;
  readonly #fetches = new SharedCalls<StoredFile>();

  constructor(records: string, cache: FileCache, own: OwnFolder) {
    this.#records = records;
    this.#cache = cache;
    this.#own = own;
    this.#folders = join(own.path, 'references');
  }

  /** Resolves to the path of each reference. Fails like VersionStore.place. */
  async fetch(references: readonly Reference[], signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const staging = this.#own.unfinished();
    const placed: (readonly [reference: string, path: string, sha256: string])[] = [];
    try {
      for (const wanted of references) {
        const { reference } = wanted;
        try {
          const file = await this.#fetches.join(`${reference} ${wanted.sha256 ?? ''}`, signal, (shared) =>
            this.#fetch(wanted, shared),
          );
          const taken = placed.some(([, path]) => path === wanted.name);
          const path = taken ? join(String(placed.length), wanted.name) : wanted.name;
          await mkdir(dirname(join(staging, path)), { recursive: true });
          await this.#cache.place({ reference, ...file }, join(staging, path), { signal, onBytes: () => undefined });
          placed.push([reference, path, file.sha256]);
        } catch (thrown) {
          throw about(`'${withoutQuery(reference)}'`, thrown);
        }
      }
      const folder = join(this.#folders, digest(JSON.stringify(placed)));
      await this.#publish(staging, folder);
      return Object.fromEntries(placed.map(([reference, path]) => [reference, join(folder, path)]));
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }

  /** Removes the folders that are not among those in use, which is asked before each removal; undefined: all are. */
  async keepOnly(inUse: () => readonly ModelFolder[] | undefined): Promise<void> {
    for (const name of await readdir(this.#folders).catch(() => [])) {
      const folder = join(this.#folders, name);
      const paths = inUse()?.flatMap(({ fetched = {} }) => Object.values(fetched));
      if (paths?.some((path) => path.startsWith(folder + sep)) === false) await this.#own.discard(folder);
    }
  }

  /** What is known of files that are not here any more is of no use. */
  async forgetRemoved(): Promise<void> {
    for (const name of await readdir(this.#records).catch(() => [])) {
      const known = await this.#readRecord(join(this.#records, name));
      const isHere = known !== undefined && (await this.#cache.sizeOf(known.sha256)) === known.size;
      if (!isHere) await rm(join(this.#records, name), { force: true });
    }
  }

  /** Makes sure that the file is in the cache. */
  async #fetch({ reference, sha256: pinned }: Reference, signal: AbortSignal): Promise<StoredFile> {
    const named = reference.startsWith('nats:') ? parseNats(reference) : undefined;
    const sha256 = pinned ?? named?.sha256;
    const present = sha256 === undefined ? undefined : await this.#cache.sizeOf(sha256);
    if (sha256 !== undefined && present !== undefined) return { sha256, size: present };
    const known = sha256 === undefined ? await this.#known(reference) : undefined;
    if (known !== undefined && neverChanges(reference)) return known;
    const options: RefetchOptions = { signal, onBytes: () => undefined };
    const wanted = { reference, sha256, size: named?.size };
    if (known === undefined) return this.#remember(reference, await this.#cache.fetch(wanted, options));
    const again = { ...options, knownEdition: known.edition, retry: { retries: 1, firstDelayMs: 500 } };
    const fetched = await this.#cache.fetch(wanted, again).catch((thrown: unknown) => {
      if (thrown instanceof WeftError && thrown.code === 'UNAVAILABLE') return undefined;
      throw thrown;
    });
    return fetched === undefined ? known : this.#remember(reference, fetched);
  }

  async #remember(
    reference: string,
    file: (StoredFile & { readonly edition: string | undefined }) | undefined,
  ): Promise<StoredFile> {
    if (file === undefined) throw new WeftError('INTERNAL', 'it was not fetched');
    const { sha256, size, edition } = file;
    if (edition !== undefined) {
      const unfinished = this.#own.unfinished();
      try {
        await mkdir(this.#records, { recursive: true });
        await writeFile(unfinished, JSON.stringify({ reference, edition, sha256, size } satisfies Known));
        await rename(unfinished, this.#recordOf(reference));
      } catch (thrown) {
        await rm(unfinished, { force: true });
        throw storeFailure(thrown);
      }
    }
    return { sha256, size };
  }

  async #known(reference: string): Promise<Known | undefined> {
    const known = await this.#readRecord(this.#recordOf(reference));
    if (known?.reference !== reference) return undefined;
    return (await this.#cache.sizeOf(known.sha256)) === known.size ? known : undefined;
  }

  /** undefined as well for what no version of weft wrote. */
  async #readRecord(file: string): Promise<Known | undefined> {
    try {
      const { reference, edition, sha256, size } = JSON.parse(await readFile(file, 'utf8')) as Partial<Known>;
      if (typeof reference !== 'string' || typeof edition !== 'string' || typeof size !== 'number') return undefined;
      return sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? { reference, edition, sha256, size } : undefined;
    } catch {
      return undefined;
    }
  }

  #recordOf(reference: string): string {
    return join(this.#records, `${digest(reference)}.json`);
  }

  async #publish(staging: string, folder: string): Promise<void> {
    try {
      await mkdir(this.#folders, { recursive: true });
      await rename(staging, folder);
    } catch (thrown) {
      // The same files are there already.
      if (!failedWith(thrown, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw storeFailure(thrown);
    }
  }
}

function neverChanges(reference: string): boolean {
  return reference.startsWith('hf:') && isCommit(parseHuggingFace(reference).revision);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** A query may hold a secret, and messages are shown to many. */
function withoutQuery(reference: string): string {
  return reference.replace(/[?#].*$/s, '');
}
