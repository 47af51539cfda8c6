// Which hosts models may be fetched from, as one item of `--artifact-hosts` says it: `huggingface.co` is that host,
// `*.hf.co` every host below that one but not itself, `http://models.lan` allows plain HTTP as well. A port narrows it down.
import { invalidArgument } from '@weft/errors';

export interface HostPattern {
  /** Lower case, an IPv6 address in its brackets, as URL has it. */
  readonly host: string;
  readonly subdomains: boolean;
  readonly plainHttp: boolean;
  /** undefined: any. */
  readonly port: number | undefined;
}

/** Throws INVALID_ARGUMENT where the text is no pattern. */
export function parseHostPattern(text: string): HostPattern {
  const match = /^(http:\/\/)?(\*\.)?([\w-]+(?:\.[\w-]+)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(text);
  const host = hostOf(match?.[3] ?? '');
  if (match === null || host === undefined)
    throw invalidArgument(`${JSON.stringify(text)} is no host: expected a name such as huggingface.co or *.hf.co`);
  const port = match[4] === undefined ? undefined : Number(match[4]);
  return { host, subdomains: match[2] !== undefined, plainHttp: match[1] !== undefined, port };
}

/** A pattern matches the URL's host, port and scheme. */
export function matchesHost({ host, subdomains, plainHttp, port }: HostPattern, url: URL): boolean {
  if (url.protocol !== 'https:' && !(plainHttp && url.protocol === 'http:')) return false;
  if (port !== undefined && port !== portOf(url)) return false;
  // A name that ends in a dot is the same name.
  const name = url.hostname.replace(/\.$/, '');
  return subdomains ? name.endsWith(`.${host}`) : name === host;
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'http:' ? 80 : 443;
}

/** The one spelling that URL gives a host, whichever was written: 127.1 is 127.0.0.1. */
function hostOf(name: string): string | undefined {
  const url = `https://${name}`;
  return name !== '' && URL.canParse(url) ? new URL(url).hostname : undefined;
}
