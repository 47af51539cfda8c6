// The entries of the token file, found by what a caller shows.
import { hash, timingSafeEqual } from 'node:crypto';
import { parseTokenFile, type TokenEntry, tokenFileError } from './token-file.ts';
import { watchFile } from './watched-file.ts';

export interface TokenStore {
  /** The entry whose hash the token has. Takes as long for every token, known or not. */
  findToken(token: string): TokenEntry | undefined;
  /** The entry for the common name of a certificate that TLS has verified. */
  findCertificate(commonName: string): TokenEntry | undefined;
}

export interface TokenStoreOptions {
  /** Told when a changed file cannot be used; the entries before the change stay in force. */
  readonly onError: (error: unknown) => void;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** Throws FAILED_PRECONDITION naming the file, and the field where one is wrong. */
export function openTokenFile(path: string, options: TokenStoreOptions): TokenStore {
  const entries = firstReading(path, () =>
    watchFile(path, { ...options, parse: (text) => parseTokenFile(path, text) }),
  );
  return createTokenStore(entries);
}

/** A store over entries that may change from call to call. */
export function createTokenStore(entries: () => readonly TokenEntry[]): TokenStore {
  return {
    findToken(token) {
      const digest = hash('sha256', token, 'buffer');
      let found: TokenEntry | undefined;
      for (const entry of entries()) {
        if (entry.sha256 !== undefined && timingSafeEqual(entry.sha256, digest)) found = entry;
      }
      return found;
    },
    findCertificate: (commonName) => entries().find((entry) => entry.certificate === commonName),
  };
}

function firstReading<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw tokenFileError(path, 'there is no such file', cause);
    if (code === 'EACCES') throw tokenFileError(path, 'this process may not read it', cause);
    throw cause;
  }
}
