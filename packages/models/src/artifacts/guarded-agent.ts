// Connections to hosts that references name. The address is checked where it is connected to, not before: a name that is resolved
// twice may answer differently the second time (DNS rebinding).
import { lookup as systemLookup } from 'node:dns';
import { isIP, isIPv6, type LookupFunction } from 'node:net';
import { WeftError } from '@weft/errors';
import { Agent, buildConnector } from 'undici';
import { isPrivateAddress } from './private-address.ts';

export interface GuardedAgentOptions {
  /** Whether a host may have a private address. */
  readonly mayBePrivate: (origin: URL) => boolean;
  /** Certificate authorities instead of the system's (PEM). */
  readonly ca?: string;
  /** Resolves names; the system's way by default. */
  readonly lookup?: LookupFunction;
}

export function guardedAgent({
  mayBePrivate,
  ca,
  lookup = systemLookup as LookupFunction,
}: GuardedAgentOptions): Agent {
  const shared = { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) };
  const open = buildConnector({ ...shared, lookup });
  const guarded = buildConnector({ ...shared, lookup: publicOnly(lookup) });
  return new Agent({
    headersTimeout: silenceTimeoutMs,
    bodyTimeout: silenceTimeoutMs,
    connect(options, callback) {
      const { protocol, hostname, port } = options;
      const address = hostname.replace(/^\[|\]$/g, '');
      const host = isIPv6(address) ? `[${address}]` : hostname;
      if (mayBePrivate(new URL(`${protocol}//${host}${port ? `:${port}` : ''}`))) return open(options, callback);
      // An address is connected to as it is, without a lookup.
      if (isIP(address) !== 0 && isPrivateAddress(address)) return callback(refused(host), null);
      return guarded(options, callback);
    },
  });
}

const connectTimeoutMs = 10_000;
/** How long a host may send nothing. */
const silenceTimeoutMs = 30_000;

function publicOnly(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      const addresses = (Array.isArray(found) ? found : []).filter(({ address }) => !isPrivateAddress(address));
      const [first] = addresses;
      if (first === undefined) return callback(refused(hostname), '');
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

function refused(hostname: string): WeftError {
  return new WeftError(
    'PERMISSION_DENIED',
    `${hostname} has a private address, and --artifact-private-hosts does not name it`,
  );
}
