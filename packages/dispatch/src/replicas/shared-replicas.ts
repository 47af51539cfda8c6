// What a router has of the replicas of a model version that other routers work with too, from what each of them says: which part of
// the rows that came lately are its own, and how many routers there are. And what it tells them of what waits here.
import type { CircuitState, Sharing } from '@weft/flow';
import type { Sharing as ToldSharing } from '@weft/rpc';
import type { WaitingDemand } from './told-demand.ts';

/** The stream to a replica. Attachment is one. */
interface Shared {
  /** Undefined: no other router works with it. */
  sharing(version: string): ToldSharing | undefined;
  tell(version: string, waiting: WaitingDemand | undefined, nowMs: number): void;
}

interface Trusted {
  readonly credits: number;
  readonly circuit: { state(nowMs: number): CircuitState };
}

/** Undefined when none of the replicas is shared. */
export function sharingOf(replicas: ReadonlyMap<Shared, unknown>, version: string): Sharing | undefined {
  let shared = false;
  for (const replica of replicas.keys()) shared ||= replica.sharing(version) !== undefined;
  if (!shared) return undefined;
  let [rowsPart, timePart] = [0, 0];
  for (const replica of replicas.keys()) {
    const { routers, rows, allRows } = replica.sharing(version) ?? alone;
    // Who has sent nothing lately may begin at any time.
    const part = (rows + 1) / (allRows + routers);
    rowsPart += part / replicas.size;
    // Who sends little is not kept from sending as much as the others.
    timePart += Math.max(part, 1 / routers) / replicas.size;
  }
  return { rowsPart, timePart };
}

const alone = { routers: 1, rows: 0, allRows: 0 };

/** Tells those that are shared what waits. One that is not trusted is not asked, unless none is, or it is to be probed. */
export function tellShared(
  replicas: ReadonlyMap<Shared, Trusted>,
  { version, waiting, nowMs }: { version: string; waiting: WaitingDemand | undefined; nowMs: number },
): void {
  const states = [...replicas.values()].map(({ circuit }) => circuit.state(nowMs));
  const anyTrusted = states.includes('closed');
  for (const [at, [replica, { credits }]] of [...replicas].entries()) {
    if (replica.sharing(version) === undefined) continue;
    // The probe goes with the next batch for another one.
    if (states[at] === 'half-open' && anyTrusted && credits > 0) continue;
    replica.tell(version, states[at] === 'open' && anyTrusted ? undefined : waiting, nowMs);
  }
}
