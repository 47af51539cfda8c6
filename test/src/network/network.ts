// Where the processes of a mesh run, each at an address of its own, as pods do: in network namespaces (namespaces.ts), or on this
// machine's loopback (loopback.ts), which needs no rights. Names are resolved by a DNS server of the test's.
import type { DnsServer } from '../testing/dns-server.ts';

export interface Network {
  /** The same at every address. */
  readonly port: number;
  /** Whether processes trust each other without credentials there. */
  readonly loopback: boolean;
  readonly dns: DnsServer;
  /** In the environment of a process that resolves names as any program does. */
  readonly resolving: Readonly<Record<string, string>>;
  /** A place for one process. No address is given twice, as after a rolling update. */
  join(): Promise<Seat>;
  close(): Promise<void>;
}

export interface Seat {
  readonly address: string;
  /** A command that becomes the one that is appended to it, there. */
  readonly under: readonly string[];
  /**
   * Nobody answers at the address any more, not even to say that nobody listens, whether or not the process has ended. On loopback
   * this does nothing. May be called again.
   */
  leave(): Promise<void>;
}
