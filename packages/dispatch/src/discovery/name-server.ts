// DNS as discovery asks it, over node's own Resolver: it queries servers only (no /etc/hosts), caches nothing, and tells how
// long addresses live. What there is not is an answer; only a server that says nothing, or that it cannot, is a failure.
import { promises } from 'node:dns';
import { candidateNames, type SearchList } from './search-list.ts';

export type Answer<Found> =
  | { readonly kind: 'records'; readonly records: readonly Found[] }
  /** The name exists, without such records. */
  | { readonly kind: 'none' }
  | { readonly kind: 'no such name' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface AddressRecord {
  readonly address: string;
  readonly ttlSeconds: number;
}

export interface ServiceRecord {
  /** As SRV has it: complete, with a dot at its end. */
  readonly host: string;
  readonly port: number;
}

/** Never rejects. A name that does not end in a dot is looked for in the search list. */
export interface NameServer {
  /** The answers to A and AAAA. */
  addresses(name: string): Promise<readonly Answer<AddressRecord>[]>;
  /** The answer to SRV. Node does not tell how long such a record lives. */
  services(name: string): Promise<readonly Answer<ServiceRecord>[]>;
  /** What is open fails. */
  stop(): void;
}

export interface NameServerOptions {
  /** address:port of each; empty: those of the system. */
  readonly servers: readonly string[];
  readonly searchList: SearchList;
}

export function openNameServer({ servers, searchList }: NameServerOptions): NameServer {
  // Within 3 s for each server, so that one that is silent holds nobody up for long.
  const resolver = new promises.Resolver({ timeout: 1_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return {
    addresses: (name) =>
      firstKnown(candidateNames(name, searchList), (candidate) =>
        Promise.all([
          answerTo(resolver.resolve4(candidate, { ttl: true }), addressRecord),
          answerTo(resolver.resolve6(candidate, { ttl: true }), addressRecord),
        ]),
      ),
    services: (name) =>
      firstKnown(candidateNames(name, searchList), async (candidate) => [
        await answerTo(resolver.resolveSrv(candidate), serviceRecord),
      ]),
    stop: () => resolver.cancel(),
  };
}

/** As resolvers search: on to the next name while there is nothing of the kind, but not past a server that fails. */
async function firstKnown<Found>(
  names: readonly string[],
  ask: (name: string) => Promise<readonly Answer<Found>[]>,
): Promise<readonly Answer<Found>[]> {
  let nothing: readonly Answer<Found>[] = [];
  let exists = false;
  for (const name of names) {
    const answers = await ask(name);
    if (answers.some(({ kind }) => kind === 'records' || kind === 'failed')) return answers;
    if (exists) continue;
    nothing = answers;
    exists = answers.some(({ kind }) => kind === 'none');
  }
  return nothing;
}

async function answerTo<Entry, Found>(
  query: Promise<readonly Entry[]>,
  read: (entry: Entry) => Found | undefined,
): Promise<Answer<Found>> {
  try {
    const records = (await query).map(read).filter((found) => found !== undefined);
    return records.length === 0 ? { kind: 'none' } : { kind: 'records', records };
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === 'ENODATA') return { kind: 'none' };
    if (code === 'ENOTFOUND') return { kind: 'no such name' };
    // Such as `queryA ETIMEOUT nlp.weft.svc`.
    return { kind: 'failed', reason: message };
  }
}

function addressRecord({ address, ttl }: { readonly address: string; readonly ttl: number }): AddressRecord {
  return { address, ttlSeconds: ttl };
}

function serviceRecord({ name, port }: { readonly name: string; readonly port: number }): ServiceRecord | undefined {
  const host = name.toLowerCase().replace(/\.$/, '');
  // The root as target says that the service is not offered (RFC 2782).
  return host === '' ? undefined : { host: `${host}.`, port };
}
