// Web pages can make a browser post to this machine, where calls on loopback need no credentials: what a foreign page sends is
// refused. So is a host name that could be anybody's, on loopback: with a name that changes its address, a page is foreign no more.
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { WeftError } from '@weft/errors';

/** Throws PERMISSION_DENIED. */
export function refuseForeignPages(headers: IncomingHttpHeaders, boundToLoopback: boolean): void {
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site' || (origin !== undefined && hostOf(origin) !== host))
    throw new WeftError('PERMISSION_DENIED', 'web pages of other sites may not call this server');
  if (boundToLoopback && !isOwnName(host))
    throw new WeftError('PERMISSION_DENIED', 'this server listens on loopback: call it localhost, or by its address');
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

function isOwnName(host: string): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
