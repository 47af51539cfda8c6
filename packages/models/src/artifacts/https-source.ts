// `https:` references, and `http:` ones where a host is allowed without TLS. A broken download goes on from where it stopped.
import type { HostPattern } from '@weft/config';
import { invalidArgument } from '@weft/errors';
import type { Dispatcher } from 'undici';
import type { ArtifactSource } from './artifact-source.ts';
import { fetchUrl } from './fetch-url.ts';
import { openedFile, rangeHeaders } from './read-answer.ts';

export function httpsSource(agent: Dispatcher, hosts: readonly HostPattern[]): ArtifactSource {
  return {
    async open(request) {
      if (!URL.canParse(request.reference)) throw invalidArgument(`'${request.reference}' is no URL`);
      const url = new URL(request.reference);
      const { signal } = request;
      const fetched = await fetchUrl(url, { agent, hosts, headers: rangeHeaders(request), signal });
      return openedFile(url, fetched, request);
    },
  };
}
