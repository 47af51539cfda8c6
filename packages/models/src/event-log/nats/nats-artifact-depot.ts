// The depot on NATS, an object store. A file lies there in parts of a fixed size, so that reading can begin at any byte, under
// names that only its own upload uses: `<sha256>/<upload>/<index>`. Last comes an empty object `<sha256>` whose description
// names the upload: with it the file is there, and two that upload the same file at once never touch each other's parts. What an
// upload left that was killed is swept a day later, once a router has stored its first file.
import { invalidArgument, WeftError } from '@weft/errors';
import { DiscardPolicy, nuid, type ObjectStore, StorageType } from 'nats';
import type { ArtifactDepot, StoredFile } from '../artifact-depot.ts';
import { digestChecked } from '../digest-check.ts';
import { abandonedParts } from './abandoned-parts.ts';
import { isMissing, natsError } from './nats-error.ts';
import type { NatsLink, Session } from './nats-link.ts';
import { putObject } from './put-object.ts';
import { partsOf } from './parts.ts';

export interface NatsArtifactDepotOptions {
  readonly link: NatsLink;
  readonly stream: string;
  readonly replicas: number;
  readonly writes: boolean;
  /** Milliseconds since 1970. */
  readonly wallClock?: (() => number) | undefined;
}

interface Upload {
  readonly upload: string;
  readonly partBytes: number;
}

const MiB = 1024 * 1024;
const partBytes = 2 * MiB;
const partTimeoutMs = 60_000;

export class NatsArtifactDepot implements ArtifactDepot {
  readonly #options: NatsArtifactDepotOptions;
  readonly #bucket: string;
  #swept: Promise<void> | undefined;

  constructor(options: NatsArtifactDepotOptions) {
    this.#options = options;
    this.#bucket = `${options.stream}_ARTIFACTS`;
  }

  async has(file: StoredFile): Promise<boolean> {
    requireDigest(file);
    return await this.#onNats('cannot look for an artifact', async (session) => {
      const store = await this.#store(session);
      return store !== undefined && (await findUpload(store, file)) !== undefined;
    });
  }

  async put(file: StoredFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    requireDigest(file);
    const upload = nuid.next();
    let parts = 0;
    try {
      for await (const part of partsOf(digestChecked(file, content), partBytes)) {
        const name = partName(file, upload, parts++);
        await this.#putPart(name, part);
      }
      const isNew = await this.#onNats('cannot store an artifact', async (session) => {
        const store = await this.#requireStore(session);
        if ((await findUpload(store, file)) !== undefined) return false;
        const description = JSON.stringify({ upload, partBytes } satisfies Upload);
        await putObject(session, { bucket: this.#bucket, name: file.sha256, bytes: new Uint8Array(), description });
        return true;
      });
      if (!isNew) await this.#removeParts(file, upload, parts);
    } catch (error) {
      await this.#removeParts(file, upload, parts).catch(() => undefined);
      throw error;
    }
    this.#swept ??= this.#sweep();
    await this.#swept;
  }

  async *get(file: StoredFile, fromByte: number): AsyncIterable<Uint8Array> {
    requireDigest(file);
    const found = await this.#onNats('cannot look for an artifact', async (session) => {
      const store = await this.#store(session);
      return store === undefined ? undefined : await findUpload(store, file);
    });
    if (found === undefined) throw new WeftError('NOT_FOUND', `no artifact with the digest ${file.sha256}`);
    const first = Math.floor(fromByte / found.partBytes);
    for (let index = first; index * found.partBytes < file.size; index += 1) {
      const part = await this.#getPart(partName(file, found.upload, index));
      yield index === first ? part.subarray(fromByte - first * found.partBytes) : part;
    }
  }

  /** Never rejects: it is tried again at the next file. */
  async #sweep(): Promise<void> {
    const { wallClock = Date.now } = this.#options;
    const uploadOf = (description: string | undefined) => readUpload(description)?.upload;
    try {
      await this.#onNats('cannot sweep the artifacts', async (session) => {
        const store = await this.#store(session);
        const names = abandonedParts((await store?.list()) ?? [], uploadOf, wallClock());
        for (const name of names) await store?.delete(name);
      });
    } catch {
      this.#swept = undefined;
    }
  }

  async #putPart(name: string, part: Uint8Array): Promise<void> {
    await this.#onNats('cannot store an artifact', async (session) => {
      await this.#requireStore(session);
      await putObject(session, { bucket: this.#bucket, name, bytes: part });
    });
  }

  /** The object store checks the part's own digest. */
  async #getPart(name: string): Promise<Uint8Array> {
    return await this.#onNats('cannot read an artifact', async (session) => {
      const store = await this.#store(session);
      const part = await store?.getBlob(name);
      if (part === null || part === undefined)
        throw new WeftError('UNAVAILABLE', `a part of the artifact is gone: ${name}`);
      return part;
    });
  }

  async #removeParts(file: StoredFile, upload: string, parts: number): Promise<void> {
    await this.#onNats('cannot remove the parts of an artifact', async (session) => {
      const store = await this.#store(session);
      for (let index = 0; index < parts; index += 1) await store?.delete(partName(file, upload, index));
    });
  }

  /** On a session there is; what takes for ever, or loses its session, is UNAVAILABLE. */
  async #onNats<T>(doing: string, work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#options.link.ready();
    const { promise: interrupted, reject } = deferred();
    const interrupt = (why: string) => reject(new WeftError('UNAVAILABLE', `${doing}: ${why}`));
    const onLost = () => interrupt('lost NATS');
    const late = setTimeout(() => interrupt('timed out'), partTimeoutMs);
    session.lost.addEventListener('abort', onLost);
    try {
      return await Promise.race([work(session), interrupted]);
    } catch (error) {
      throw natsError(doing, error);
    } finally {
      clearTimeout(late);
      session.lost.removeEventListener('abort', onLost);
    }
  }

  /** Undefined while nobody has made it. */
  async #store({ management, jetstream }: Session): Promise<ObjectStore | undefined> {
    try {
      await management.streams.info(`OBJ_${this.#bucket}`);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    return await jetstream.views.os(this.#bucket);
  }

  /** The client's own way of making it sends a field that strict servers (2.11 and later) refuse. */
  async #requireStore(session: Session): Promise<ObjectStore> {
    const { writes, replicas } = this.#options;
    if (!writes) throw new WeftError('FAILED_PRECONDITION', 'this process only reads artifacts: a router stores them');
    const store = await this.#store(session);
    if (store !== undefined) return store;
    await session.management.streams.add({
      name: `OBJ_${this.#bucket}`,
      description: 'Files of the models of a weft mesh',
      subjects: [`$O.${this.#bucket}.C.>`, `$O.${this.#bucket}.M.>`],
      storage: StorageType.File,
      num_replicas: replicas,
      discard: DiscardPolicy.New,
      allow_direct: true,
      allow_rollup_hdrs: true,
    });
    return await session.jetstream.views.os(this.#bucket);
  }
}

function requireDigest({ sha256 }: StoredFile): void {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalidArgument(`'${sha256}' is no sha-256 digest`);
}

const partName = ({ sha256 }: StoredFile, upload: string, index: number): string => `${sha256}/${upload}/${index}`;

async function findUpload(store: ObjectStore, { sha256 }: StoredFile): Promise<Upload | undefined> {
  const info = await store.info(sha256);
  if (info === null || info.deleted) return undefined;
  return readUpload(info.description);
}

/** Whoever may write to the bucket may have put anything there. */
function readUpload(description = ''): Upload | undefined {
  try {
    const { upload, partBytes } = JSON.parse(description) as Partial<Upload>;
    const isOne = typeof upload === 'string' && Number.isSafeInteger(partBytes) && Number(partBytes) > 0;
    return isOne ? { upload, partBytes: Number(partBytes) } : undefined;
  } catch {
    return undefined;
  }
}

function deferred(): { readonly promise: Promise<never>; readonly reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}
