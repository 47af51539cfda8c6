// An open loop: requests arrive as a Poisson process whatever becomes of them, and the latency of each counts from the
// moment at which it should have been sent. A closed loop would wait with a slow server, and so hide that it is slow.
import type { Random } from '@weft/flow/simulation';
import { quantile } from '../statistics.ts';
import type { Outcome } from './open-caller.ts';

export interface OfferedLoad {
  /** Requests a second. */
  readonly rate: number;
  readonly deadlineMs: number;
  /** Arrivals of this time do not count. */
  readonly settleMs: number;
  readonly measureMs: number;
  /** Requests that are sent and unanswered; over it one waits in the client, and is given up at its deadline. */
  readonly maxInFlight: number;
}

export interface LoadClock {
  readonly now: () => number;
  /** Resolves at this time or soon after. */
  readonly until: (atMs: number) => Promise<void>;
}

export interface OfferedResult {
  readonly offered: number;
  /** Answered rightly within the deadline. */
  readonly inTime: number;
  readonly late: number;
  readonly failed: number;
  readonly wrong: number;
  /** Given up before they were sent. */
  readonly givenUp: number;
  /** Of right answers, late ones too. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Arrival {
  readonly turn: number;
  readonly atMs: number;
}

export async function offerLoad(
  load: OfferedLoad,
  call: (turn: number, deadlineMs: number) => Promise<Outcome>,
  { now, until, random }: LoadClock & { readonly random: Random },
): Promise<OfferedResult> {
  const { rate, deadlineMs, settleMs, measureMs, maxInFlight } = load;
  const startMs = now();
  const countedFromMs = startMs + settleMs;
  const endMs = countedFromMs + measureMs;
  const tally = { offered: 0, inTime: 0, late: 0, failed: 0, wrong: 0, givenUp: 0 };
  const latenciesMs: number[] = [];
  const waiting: Arrival[] = [];
  const sent = new Set<Promise<void>>();

  const settle = ({ atMs }: Arrival, outcome: Outcome | 'givenUp'): void => {
    if (atMs < countedFromMs) return;
    const latencyMs = now() - atMs;
    if (outcome !== 'right') tally[outcome]++;
    else {
      latenciesMs.push(latencyMs);
      tally[latencyMs <= deadlineMs ? 'inTime' : 'late']++;
    }
  };
  const send = (arrival: Arrival): void => {
    const answered = call(arrival.turn, arrival.atMs + deadlineMs - now()).then((outcome) => {
      settle(arrival, outcome);
      sent.delete(answered);
      sendWaiting();
    });
    sent.add(answered);
  };
  const sendWaiting = (): void => {
    while (sent.size < maxInFlight) {
      const next = waiting.shift();
      if (next === undefined) return;
      if (next.atMs + deadlineMs > now()) send(next);
      else settle(next, 'givenUp');
    }
  };

  let atMs = startMs;
  for (let turn = 0; ; turn++) {
    atMs += random.exponential(rate / 1000);
    if (atMs > endMs) break;
    if (atMs > now()) await until(atMs);
    if (atMs >= countedFromMs) tally.offered++;
    waiting.push({ turn, atMs });
    sendWaiting();
  }
  while (sent.size > 0) await Promise.all(sent);
  return { ...tally, p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) };
}
