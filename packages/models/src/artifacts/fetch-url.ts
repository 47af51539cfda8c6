// GET of a URL from allowed hosts only. Redirects are followed here, not by the HTTP client: each hop is checked like the first
// one, and credentials go to the origin that they are for and nowhere else. Messages hold no query, which may be a secret.
import { type HostPattern, matchesHost } from '@weft/config';
import { invalidArgument, WeftError } from '@weft/errors';
import { type Dispatcher, request } from 'undici';

export interface FetchUrlOptions {
  readonly agent: Dispatcher;
  readonly hosts: readonly HostPattern[];
  readonly headers: Readonly<Record<string, string>>;
  /** Headers for one origin. */
  readonly secret?: { readonly origin: string; readonly headers: Readonly<Record<string, string>> };
  readonly signal: AbortSignal;
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface Fetched {
  readonly status: number;
  readonly headers: Headers;
  /** Of the redirects that led here, and their origins, the first one first. */
  readonly trail: readonly { readonly origin: string; readonly headers: Headers }[];
  readonly body: Dispatcher.ResponseData['body'];
}

const maxRedirects = 5;

/** Resolves to an answer of status 200, 206 or 416; see ArtifactSource for what it rejects with. */
export async function fetchUrl(url: URL, options: FetchUrlOptions): Promise<Fetched> {
  const trail: { origin: string; headers: Headers }[] = [];
  let next = url;
  for (;;) {
    const { statusCode: status, headers, body } = await get(next, options);
    trail.push({ origin: next.origin, headers });
    if (status === 200 || status === 206 || status === 416) return { status, headers, trail, body };
    body.on('error', () => undefined).destroy();
    if (!redirects.has(status)) throw failureOf(status, next);
    if (trail.length > maxRedirects) throw new WeftError('PERMISSION_DENIED', `${placeOf(url)} redirects too often`);
    next = targetOf(headers['location'], next);
  }
}

const redirects = new Set([301, 302, 303, 307, 308]);

async function get(
  url: URL,
  { agent, hosts, headers, secret, signal }: FetchUrlOptions,
): Promise<Dispatcher.ResponseData> {
  if (url.username !== '' || url.password !== '')
    throw invalidArgument(`${placeOf(url)}: credentials do not belong in a URL`);
  if (!hosts.some((pattern) => matchesHost(pattern, url)))
    throw new WeftError('PERMISSION_DENIED', `${url.origin} is not among --artifact-hosts`);
  const own = secret?.origin === url.origin ? secret.headers : {};
  try {
    return await request(url, {
      dispatcher: agent,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'weft', ...headers, ...own },
      signal,
    });
  } catch (cause) {
    throw cause instanceof WeftError ? cause : unreachable(url, cause);
  }
}

function targetOf(location: string | string[] | undefined, from: URL): URL {
  if (typeof location !== 'string' || !URL.canParse(location, from.href))
    throw new WeftError('UNAVAILABLE', `${placeOf(from)} redirects to nowhere`);
  return new URL(location, from);
}

function failureOf(status: number, url: URL): WeftError {
  const message = `${placeOf(url)} answers with status ${status}`;
  if (status === 404 || status === 410) return new WeftError('NOT_FOUND', message);
  if (status === 408 || status === 425 || status === 429 || status >= 500) return new WeftError('UNAVAILABLE', message);
  return new WeftError('PERMISSION_DENIED', message);
}

export function unreachable(url: URL, cause: unknown): WeftError {
  const reason = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.name) : 'unknown';
  return new WeftError('UNAVAILABLE', `${url.origin} cannot be read: ${reason}`, { cause });
}

function placeOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
