// From an HTTP answer to an opened file: where its bytes begin, how many the file has, and which edition they are of.
import { WeftError } from '@weft/errors';
import type { OpenedFile, SourceRequest } from './artifact-source.ts';
import { type Fetched, type Headers, unreachable } from './fetch-url.ts';

/** Headers that ask for the rest of a file. Without a strong ETag only a known digest can tell that two parts belong together. */
export function rangeHeaders({ fromByte, edition, sha256 }: SourceRequest): Record<string, string> {
  if (fromByte === 0) return {};
  const range = { range: `bytes=${fromByte}-` };
  if (edition?.startsWith('"') === true) return { ...range, 'if-range': edition };
  return sha256 === undefined ? {} : range;
}

export function openedFile(url: URL, { status, headers, body }: Fetched, request: SourceRequest): OpenedFile {
  const close = (): void => void body.on('error', () => undefined).destroy();
  try {
    const encoding = textOf(headers, 'content-encoding') ?? 'identity';
    if (encoding !== 'identity') throw new WeftError('DATA_LOSS', `${url.origin} sends it in the encoding ${encoding}`);
    const { startsAt, size } = extentOf(url, status, headers);
    if (startsAt !== 0 && startsAt !== request.fromByte)
      throw new WeftError('UNAVAILABLE', `${url.origin} sends another range than it was asked for`);
    return { startsAt, size, sha256: undefined, edition: textOf(headers, 'etag'), bytes: bytesOf(url, body), close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

function extentOf(url: URL, status: number, headers: Headers): { startsAt: number; size: number | undefined } {
  if (status === 200) return { startsAt: 0, size: numberOf(textOf(headers, 'content-length')) };
  const [, start, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(textOf(headers, 'content-range') ?? '') ?? [];
  if (status === 416 || start === undefined)
    throw new WeftError('DATA_LOSS', `${url.origin} does not have the rest of it: it has changed meanwhile`);
  return { startsAt: Number(start), size: numberOf(size) };
}

async function* bytesOf(url: URL, body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw cause instanceof WeftError ? cause : unreachable(url, cause);
  }
}

export function textOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
