// Which addresses belong to the public network. A reference that anyone could write must not make a service ask hosts that only
// it can reach: loopback, private networks, the metadata services of clouds.
import ipaddr from 'ipaddr.js';

/** Whether an address is anything but a public one; an IPv6 address counts as the IPv4 address that it holds. */
export function isPrivateAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  // Addresses of the form ::a.b.c.d, which are deprecated, and Azure's metadata service, which lies in a public range.
  if (parsed.kind() === 'ipv6' && (parsed as ipaddr.IPv6).parts.slice(0, 6).every((part) => part === 0)) return true;
  return parsed.range() !== 'unicast' || parsed.toString() === '168.63.129.16';
}
