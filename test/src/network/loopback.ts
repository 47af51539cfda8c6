// A network without rights: each process has an address of 127.0.0.0/8, which on Linux are all this machine. What it cannot
// show is an address that vanishes: here the kernel goes on refusing connections to it.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { startDnsServer } from '../testing/dns-server.ts';
import type { Network } from './network.ts';
import { dnsVariable } from './resolve-by-test.ts';

export async function openLoopback(): Promise<Network> {
  const dns = await startDnsServer();
  // Held at an address that nobody is given, so that no other process takes the port meanwhile.
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  let last = 1;
  return {
    port: (holder.address() as AddressInfo).port,
    loopback: true,
    dns,
    resolving: { [dnsVariable]: dns.address },
    async join() {
      last += 1;
      return { address: `127.0.0.${last}`, under: [], leave: async () => {} };
    },
    async close() {
      holder.close();
      await dns.stop();
    },
  };
}
