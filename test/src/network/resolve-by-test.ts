// Has this process resolve names by the test's DNS server, where the test may not write /etc/resolv.conf. grpc-js asks the system's
// resolver through `lookup`, which alone is replaced.
import dns from 'node:dns';

/** In the environment: address:port of the server. */
export const dnsVariable = 'WEFT_TEST_DNS';

/** Does nothing where the environment names no server. */
export function resolveByTest(server = process.env[dnsVariable]): void {
  if (server === undefined) return;
  const resolver = new dns.promises.Resolver();
  resolver.setServers([server]);
  const lookup = async (name: string) => (await resolver.resolve4(name)).map((address) => ({ address, family: 4 }));
  Object.assign(dns.promises, { lookup });
}
