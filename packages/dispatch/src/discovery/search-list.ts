// The search list of the system (resolv.conf): in a Kubernetes pod `nlp.weft.svc` means `nlp.weft.svc.cluster.local`. Node's
// Resolver asks for a name as it is, so that what getaddrinfo does with the list is done here, by the rules of resolv.conf(5).

export interface SearchList {
  readonly domains: readonly string[];
  /** A name with as many dots is first taken as it is. */
  readonly ndots: number;
}

export const noSearchList: SearchList = { domains: [], ndots: 1 };

export function parseSearchList(resolvConf: string): SearchList {
  let { domains, ndots } = noSearchList;
  for (const line of resolvConf.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    // The last of several lines counts; `domain` is the older keyword.
    if (keyword === 'search' || keyword === 'domain') domains = values.map(withoutDot).filter((name) => name !== '');
    if (keyword === 'options') {
      const option = values.map((value) => /^ndots:(\d+)$/.exec(value)?.[1]).findLast((dots) => dots !== undefined);
      if (option !== undefined) ndots = Math.min(Number(option), 15);
    }
  }
  return { domains, ndots };
}

/** The names to ask for, in this order, until one has records. A name that ends in a dot is complete. */
export function candidateNames(name: string, { domains, ndots }: SearchList): readonly string[] {
  const asItIs = withoutDot(name);
  if (name.endsWith('.')) return [asItIs];
  const extended = domains.map((domain) => `${asItIs}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [asItIs, ...extended] : [...extended, asItIs];
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}
