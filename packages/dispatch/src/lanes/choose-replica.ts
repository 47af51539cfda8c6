// Which replica takes the next batch, and what the scheduler may count on: a pure decision over what is known of all.
//
// The fastest free replica is chosen; among those about as fast, the one with most credits, then the one that was idle
// longest. A replica that is much slower than the fastest is passed over as long as waiting for a fast one takes less time
// than it would, or when the first deadline does not allow it. Those that get nothing, for that reason or because their
// circuit is not closed, are probed once in a while (see `toProbe`), or nobody would learn that they have recovered.
import type { CircuitState, Instances, LatencyProfile } from '@weft/flow';

/** What is to be known of a replica. LaneReplica has it. */
export interface Candidate {
  readonly credits: number;
  readonly instances: number;
  readonly marginMs: number;
  readonly lastSentMs: number;
  readonly circuit: { state(nowMs: number): CircuitState; allows(nowMs: number): boolean };
  profile(method: string): LatencyProfile;
  endsMs(): number[];
}

export interface Wanted {
  readonly method: string;
  readonly waitingRows: number;
  /** Until the first deadline of those who wait. */
  readonly slackMs: number;
  /** A replica that is to be used only if there is no other. */
  readonly avoid: object | undefined;
  readonly nowMs: number;
}

export interface Choice<Replica> {
  /** Undefined when none is free. */
  readonly replica: Replica | undefined;
  /** Undefined when there is no replica at all. */
  readonly instances: Instances | undefined;
}

/** Replicas within this factor are equally good. */
const alike = 1.25;
/** From this factor on a replica has to be worth it. */
const muchSlower = 3;
const probeAfterMs = 1000;

export function chooseReplica<Replica extends Candidate>(all: Iterable<Replica>, wanted: Wanted): Choice<Replica> {
  const { method } = wanted;
  const replicas = usable([...all], wanted);
  if (replicas.length === 0) return { replica: undefined, instances: undefined };
  const rows = Math.max(1, Math.min(wanted.waitingRows, (replicas[0] as Replica).profile(method).maxRows));
  const meanMs = (replica: Replica): number => replica.profile(method).meanMs(rows);
  const fastestMs = Math.min(...replicas.map(meanMs));
  const fast = replicas.filter((replica) => meanMs(replica) < muchSlower * fastestMs);
  const speed = sum(fast, (replica) => (replica.instances * fastestMs) / meanMs(replica));
  const waitMs = (wanted.waitingRows / rows / speed) * fastestMs;
  const worthIt = (replica: Replica): boolean =>
    meanMs(replica) < muchSlower * fastestMs ||
    (meanMs(replica) <= waitMs + fastestMs && meanMs(replica) + replica.marginMs <= wanted.slackMs);
  const free = replicas.filter((replica) => replica.credits > 0 && worthIt(replica));
  const replica = best(free, meanMs);
  const fastest = fast.find((one) => meanMs(one) === fastestMs) as Replica;
  const model = replica ?? fastest;
  return {
    replica,
    instances: {
      profile: model.profile(method),
      fastest: fastest.profile(method),
      marginMs: model.marginMs,
      // In units of the one that would take the batch.
      count: (speed * meanMs(model)) / fastestMs,
      free: sum(free, ({ credits }) => credits),
      endsMs: () => fast.flatMap((one) => one.endsMs()).sort((a, b) => a - b),
    },
  };
}

/** Who should be sent a copy of something, to see how long it takes now: a free replica that gets nothing otherwise. */
export function toProbe<Replica extends Candidate>(
  all: Iterable<Replica>,
  { method, nowMs }: Pick<Wanted, 'method' | 'nowMs'>,
): Replica | undefined {
  const replicas = [...all];
  const meanMs = (replica: Replica): number => replica.profile(method).meanMs(1);
  const fastestMs = Math.min(...replicas.map(meanMs));
  return replicas.find((replica) => {
    if (replica.credits === 0 || !replica.circuit.allows(nowMs)) return false;
    if (replica.circuit.state(nowMs) === 'half-open') return true;
    return meanMs(replica) >= muchSlower * fastestMs && nowMs - replica.lastSentMs >= probeAfterMs;
  });
}

/** Those that are trusted and not to be avoided. When none is trusted, all are: a doubtful replica is better than none. */
function usable<Replica extends Candidate>(all: readonly Replica[], { avoid, nowMs }: Wanted): readonly Replica[] {
  const trusted = all.filter(({ circuit }) => circuit.state(nowMs) === 'closed');
  const candidates = trusted.length > 0 ? trusted : all;
  const others = candidates.filter((replica) => replica !== avoid);
  return others.length > 0 ? others : candidates;
}

function best<Replica extends Candidate>(
  free: readonly Replica[],
  meanMs: (replica: Replica) => number,
): Replica | undefined {
  const fastestMs = Math.min(...free.map(meanMs));
  let chosen: Replica | undefined;
  for (const replica of free) {
    if (meanMs(replica) > alike * fastestMs) continue;
    const more = replica.credits - (chosen?.credits ?? 0);
    if (chosen === undefined || more > 0 || (more === 0 && replica.lastSentMs < chosen.lastSentMs)) chosen = replica;
  }
  return chosen;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
