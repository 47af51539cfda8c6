// From a named source to the endpoints that DNS has for it. A query that fails is answered by what it answered last, so that
// a DNS server in trouble takes no replica away; what it says there is not, is gone.
import { canonicalHost, formatEndpoint, type NamedSource } from '@weft/config';
import type { AddressRecord, Answer, NameServer, ServiceRecord } from './name-server.ts';

export interface Resolution {
  /** host:port of each, addresses all, in canonical spelling and each once. */
  readonly endpoints: readonly string[];
  /** How long the shortest-lived record holds; Infinity where nothing says. */
  readonly ttlMs: number;
  /** What failed, where something did. */
  readonly failure: string | undefined;
  /** What each part is known to be, for the next time. */
  readonly targets: readonly Pick<ServiceRecord, 'host' | 'port'>[];
  readonly hosts: ReadonlyMap<string, HostAddresses>;
}

interface HostAddresses {
  /** Of A and of AAAA. */
  readonly families: readonly (readonly string[])[];
  readonly ttlMs: number;
  readonly failure: string | undefined;
}

export interface ResolveOptions {
  readonly names: NameServer;
  /** Undefined at the first time. */
  readonly previous: Resolution | undefined;
}

/** Never rejects: a failure is part of the result. */
export async function resolveEndpoints(source: NamedSource, { names, previous }: ResolveOptions): Promise<Resolution> {
  const { targets, failure } = await findTargets(source, { names, previous });
  const found = [...new Set(targets.map(({ host }) => host))].map(async (host) => {
    const addresses = await names.addresses(host);
    return [host, rememberAddresses(host, addresses, previous?.hosts.get(host))] as const;
  });
  const hosts = new Map(await Promise.all(found));
  const endpoints = targets.flatMap(({ host, port }) =>
    (hosts.get(host)?.families ?? []).flat().map((address) => formatEndpoint({ host: canonicalHost(address), port })),
  );
  const known = [...hosts.values()];
  return {
    endpoints: [...new Set(endpoints)],
    ttlMs: Math.min(...known.map(({ ttlMs }) => ttlMs)),
    failure: failure ?? known.find((host) => host.failure !== undefined)?.failure,
    targets,
    hosts,
  };
}

/** A source of addresses is one target that never changes. */
async function findTargets(
  source: NamedSource,
  { names, previous }: ResolveOptions,
): Promise<Pick<Resolution, 'targets' | 'failure'>> {
  if (source.kind === 'dns') return { targets: [source], failure: undefined };
  const answers = await names.services(source.name);
  const [targets = []] = recordsOr(answers, previous === undefined ? [] : [previous.targets]);
  return { targets, failure: failureOf(answers, source.name) };
}

function rememberAddresses(
  host: string,
  answers: readonly Answer<AddressRecord>[],
  previous: HostAddresses | undefined,
): HostAddresses {
  const found = answers.flatMap((answer) => (answer.kind === 'records' ? answer.records : []));
  const before = (previous?.families ?? []).map((addresses) => addresses.map((address) => ({ address })));
  return {
    families: recordsOr<{ readonly address: string }>(answers, before).map((records) =>
      records.map(({ address }) => address),
    ),
    ttlMs: Math.min(...found.map(({ ttlSeconds }) => ttlSeconds * 1_000)),
    failure: failureOf(answers, host),
  };
}

/** The records of each answer, or the earlier ones of a query that failed. */
function recordsOr<Found>(
  answers: readonly Answer<Found>[],
  previous: readonly (readonly Found[])[],
): readonly (readonly Found[])[] {
  const unknown = noSuchName(answers);
  return answers.map((answer, query) => {
    if (answer.kind === 'records') return answer.records;
    return answer.kind === 'failed' || unknown ? (previous[query] ?? []) : [];
  });
}

function failureOf(answers: readonly Answer<unknown>[], name: string): string | undefined {
  if (noSuchName(answers)) return `no such name: ${name}`;
  return answers.find((answer) => answer.kind === 'failed')?.reason;
}

/** A server that denies the name for one type of record alone means that there are none of that type. */
function noSuchName(answers: readonly Answer<unknown>[]): boolean {
  return answers.every(({ kind }) => kind === 'no such name');
}
