// Reads a file from its source to disk: checked on the way, tried again where that may help, going on from where it broke.
import { WeftError } from '@weft/errors';
import pRetry from 'p-retry';
import type { ArtifactSource, OpenedFile } from './artifact-source.ts';
import { overLimit, PartialFile } from './partial-file.ts';
import { cancelled } from './store-failure.ts';

export interface WantedFile {
  /** Empty: from the event log. */
  readonly reference: string;
  readonly sha256: string | undefined;
  readonly size: number | undefined;
}

export interface RetrySchedule {
  readonly retries: number;
  readonly firstDelayMs: number;
}

export interface DownloadOptions {
  readonly source: ArtifactSource;
  /** A file that is not there yet; it is there when this resolves, and only then. */
  readonly path: string;
  readonly maxBytes: number;
  readonly retry: RetrySchedule;
  readonly signal: AbortSignal;
  /** Told how many bytes have been written; fewer than before when it began anew. */
  readonly onBytes: (writtenBytes: number) => void;
  /** The edition that is there already: of that one nothing is read. */
  readonly knownEdition?: string | undefined;
}

export interface Downloaded {
  readonly sha256: string;
  readonly size: number;
  readonly edition: string | undefined;
}

/** Resolves to undefined when the source has the known edition. */
export async function download(wanted: WantedFile, options: DownloadOptions): Promise<Downloaded | undefined> {
  const { path, maxBytes, retry, signal } = options;
  if (wanted.size !== undefined && wanted.size > maxBytes) throw overLimit(maxBytes);
  const partial = await PartialFile.create(path, { size: wanted.size, maxBytes });
  const told: Told = { edition: undefined, size: wanted.size, sha256: wanted.sha256 };
  let finished = false;
  try {
    const read = await pRetry(() => attempt(wanted, partial, { ...options, told }), {
      retries: retry.retries,
      minTimeout: retry.firstDelayMs,
      maxTimeout: maxDelayMs,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => error instanceof WeftError && error.code === 'UNAVAILABLE',
    });
    if (!read) return undefined;
    const sha256 = await partial.finish(told.sha256);
    finished = true;
    return { sha256, size: partial.writtenBytes, edition: told.edition };
  } catch (thrown) {
    throw signal.aborted ? cancelled(signal) : thrown;
  } finally {
    if (!finished) await partial.discard();
  }
}

const maxDelayMs = 15_000;

/** What the sources said at the last attempt. */
interface Told {
  edition: string | undefined;
  size: number | undefined;
  sha256: string | undefined;
}

/** Reads to the end; resolves to false when there is nothing new to read. Rejects with WeftErrors only: others would not be tried again. */
async function attempt(
  wanted: WantedFile,
  partial: PartialFile,
  { source, told, signal, onBytes, knownEdition, maxBytes }: DownloadOptions & { told: Told },
): Promise<boolean> {
  const request = { ...wanted, fromByte: partial.writtenBytes, edition: told.edition, signal };
  const opened = await brokenOff(source.open(request));
  try {
    if (knownEdition !== undefined && opened.edition === knownEdition) return false;
    if (opened.startsAt !== partial.writtenBytes) await partial.restart();
    listen(opened, wanted, { told, maxBytes });
    for await (const piece of abortable(opened.bytes, signal)) {
      await partial.append(piece);
      onBytes(partial.writtenBytes);
    }
  } finally {
    opened.close();
  }
  if (told.size !== undefined && partial.writtenBytes < told.size)
    throw new WeftError('DATA_LOSS', `it ends after ${partial.writtenBytes} of ${told.size} bytes`);
  return true;
}

/** Takes down what the source says, and refuses at once what cannot become the wanted file. */
function listen(opened: OpenedFile, wanted: WantedFile, { told, maxBytes }: { told: Told; maxBytes: number }): void {
  const { edition, size, sha256 } = opened;
  if (wanted.size !== undefined && size !== undefined && size !== wanted.size)
    throw new WeftError('DATA_LOSS', `its source has ${size} bytes, not ${wanted.size}`);
  if (wanted.sha256 !== undefined && sha256 !== undefined && sha256 !== wanted.sha256)
    throw new WeftError('DATA_LOSS', `its source has the sha-256 digest ${sha256}, not ${wanted.sha256}`);
  if (size !== undefined && size > maxBytes) throw overLimit(maxBytes);
  told.edition = edition;
  told.size = wanted.size ?? size;
  told.sha256 = wanted.sha256 ?? sha256;
}

/**
 * The pieces, until the signal is aborted, even where the source does not listen to it. Each wait is a promise of its own: racing
 * with one that lives as long as the download would keep every piece until its end.
 */
async function* abortable(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  let giveUp = (): void => undefined;
  const onAbort = (): void => giveUp();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        giveUp = () => reject(cancelled(signal));
        if (signal.aborted) giveUp();
        else brokenOff(pieces.next()).then(resolve, reject);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not waited for: a source that hangs would not answer this either.
    Promise.resolve(pieces.return?.()).catch(() => undefined);
  }
}

/** What a source throws that is no WeftError is a connection that broke. */
async function brokenOff<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    if (cause instanceof WeftError) throw cause;
    throw new WeftError('UNAVAILABLE', 'its source broke off', { cause });
  }
}
