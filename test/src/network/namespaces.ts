// A network of namespaces: one for each process, with an address of its own on a bridge. It is made inside the private network, mounts
// and processes into which `unshare` has put this process (network-job.mjs): all of it is gone with this process, however it ends,
// and the machine's own network never hears of it.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { startDnsServer } from '../testing/dns-server.ts';
import type { Network } from './network.ts';

const subnet = '10.77.0';
const bridge = 'br0';

/** Throws where this process may not. */
export async function openNamespaces(): Promise<Network> {
  // `ip netns` keeps its names under /run, and programs read where to ask for names under /etc: both are this test's own from here on.
  run('mount', '-t', 'tmpfs', 'tmpfs', '/run');
  writeFileSync('/run/resolv.conf', `nameserver ${subnet}.1\n`);
  run('mount', '--bind', '/run/resolv.conf', '/etc/resolv.conf');
  ip('link set lo up');
  // An address of its own: else it takes that of whoever joins, and those who know the former one talk to nobody.
  ip(`link add ${bridge} address 02:00:00:00:00:01 type bridge`);
  ip(`addr add ${subnet}.1/24 dev ${bridge}`);
  ip(`link set ${bridge} up`);
  const dns = await startDnsServer({ address: `${subnet}.1`, port: 53 });
  let last = 1;
  return {
    port: 8001,
    loopback: false,
    dns,
    resolving: {},
    async join() {
      last += 1;
      const [name, address] = [`seat${last}`, `${subnet}.${last}`];
      let left = false;
      ip(`netns add ${name}`);
      ip(`link add ${name} type veth peer name eth0 netns ${name}`);
      ip(`link set ${name} master ${bridge} up`);
      ip(`-n ${name} addr add ${address}/24 dev eth0`);
      ip(`-n ${name} link set eth0 up`);
      ip(`-n ${name} link set lo up`);
      return {
        address,
        under: ['nsenter', `--net=/run/netns/${name}`],
        leave: async () => {
          if (left) return;
          left = true;
          ip(`link del ${name}`);
          ip(`netns del ${name}`);
        },
      };
    },
    close: () => dns.stop(),
  };
}

function ip(line: string): void {
  run('ip', ...line.split(' '));
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
}
