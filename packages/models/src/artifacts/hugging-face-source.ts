// `hf:org/name[@revision]/path`, by Hugging Face's resolve URLs, which lead to a storage host for large files. A branch moves: the
// commit that it stood for at first is the edition, and a download that broke goes on with that commit.
import type { HostPattern } from '@weft/config';
import { invalidArgument } from '@weft/errors';
import type { Dispatcher } from 'undici';
import type { ArtifactSource, SourceRequest } from './artifact-source.ts';
import { type Fetched, fetchUrl } from './fetch-url.ts';
import { openedFile, textOf } from './read-answer.ts';

export interface HuggingFaceOptions {
  readonly agent: Dispatcher;
  readonly hosts: readonly HostPattern[];
  readonly endpoint: string;
  /** Read at each request, as the file that holds it may change; undefined: nobody in particular asks. */
  readonly token: () => string | undefined;
}

export interface HuggingFaceFile {
  readonly repository: string;
  readonly revision: string;
  readonly path: string;
}

export function huggingFaceSource({ agent, hosts, endpoint, token }: HuggingFaceOptions): ArtifactSource {
  return {
    async open(request) {
      const base = endpointOf(endpoint);
      const url = resolveUrl(base, parseHuggingFace(request.reference), request.edition);
      const secret = secretFor(base, token());
      const fetched = await fetchUrl(url, {
        agent,
        hosts,
        headers: rangeHeadersOf(request),
        signal: request.signal,
        ...secret,
      });
      return { ...openedFile(url, fetched, request), ...factsOf(fetched, base.origin) };
    },
  };
}

/** Throws INVALID_ARGUMENT for what is no such reference. */
export function parseHuggingFace(reference: string): HuggingFaceFile {
  const [, repository = '', revision = 'main', path = ''] =
    /^hf:([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([^/]+))?\/(.+)$/.exec(reference) ?? [];
  // A slash in a branch's name is written %2F.
  const branch = revision.replace(/%2f/gi, '/');
  if (repository === '' || !staysBelow(path) || !staysBelow(branch) || /%(?![0-9a-f]{2})/i.test(revision))
    throw invalidArgument(`'${reference}' is no reference: expected hf:organisation/name@revision/path`);
  return { repository, revision: branch, path };
}

/** Neither a URL nor whatever server reads it makes another place of it. */
function staysBelow(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A commit names its content for ever. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

function resolveUrl(base: URL, { repository, revision, path }: HuggingFaceFile, edition: string | undefined): URL {
  const commit = edition !== undefined && isCommit(edition) ? edition : revision;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const prefix = base.pathname.replace(/\/$/, '');
  return new URL(`${base.origin}${prefix}/${repository}/resolve/${encodeURIComponent(commit)}/${encoded}`);
}

function endpointOf(endpoint: string): URL {
  if (!URL.canParse(endpoint)) throw invalidArgument(`the Hugging Face endpoint '${endpoint}' is no URL`);
  return new URL(endpoint);
}

function secretFor(
  { origin }: URL,
  token: string | undefined,
): { secret?: { origin: string; headers: Record<string, string> } } {
  return token === undefined ? {} : { secret: { origin, headers: { authorization: `Bearer ${token}` } } };
}

/** The bytes of a commit do not change, so a range of it needs no condition. */
function rangeHeadersOf({ fromByte, edition, sha256 }: SourceRequest): Record<string, string> {
  const fixed = sha256 !== undefined || (edition !== undefined && isCommit(edition));
  return fromByte > 0 && fixed ? { range: `bytes=${fromByte}-` } : {};
}

/** What the endpoint itself says of the file; where it redirects to has no say. */
function factsOf({ trail }: Fetched, origin: string): { edition?: string; sha256?: string } {
  const own = trail.filter((hop) => hop.origin === origin).map(({ headers }) => headers);
  const commit = own
    .map((headers) => textOf(headers, 'x-repo-commit'))
    .find((text) => text !== undefined && isCommit(text));
  const linked = own.map((headers) => textOf(headers, 'x-linked-etag')).find((text) => text !== undefined);
  const [, sha256] = /^"?([0-9a-f]{64})"?$/.exec(linked ?? '') ?? [];
  return { ...(commit === undefined ? {} : { edition: commit }), ...(sha256 === undefined ? {} : { sha256 }) };
}
