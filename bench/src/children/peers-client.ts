// The client of the peers bench, the same for every server: offers load in an open loop, or calls one after the other.
import { createRandom } from '@weft/flow/simulation';
import { quantile } from '../statistics.ts';
import { offerLoad, type OfferedLoad, type OfferedResult } from '../peers/offer-load.ts';
import { type Caller, openCaller } from '../peers/open-caller.ts';
import type { Target } from '../peers/target.ts';
import { answerParent } from './answer-parent.ts';

export interface ClosedLoad {
  readonly concurrency: number;
  readonly durationMs: number;
}

export interface ClosedResult {
  readonly calls: number;
  readonly wrong: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type OpenLoopQuestions = {
  /** Calls go to this server from now on. */
  open(target: Target): void;
  /** One call; whether the answer was right. */
  probe(): Promise<boolean>;
  closed(load: ClosedLoad): Promise<ClosedResult>;
  offer(load: OfferedLoad & { readonly seed: number }): Promise<OfferedResult>;
};

let caller: Caller | undefined;
/** Of calls outside the open loop. */
const anyDeadlineMs = 1_000;

function opened(): Caller {
  if (caller === undefined) throw new Error('no server to call');
  return caller;
}

function open(target: Target): void {
  caller?.close();
  caller = openCaller(target);
}

async function probe(): Promise<boolean> {
  return (await opened().call(0, anyDeadlineMs)) === 'right';
}

async function closed({ concurrency, durationMs }: ClosedLoad): Promise<ClosedResult> {
  const latenciesMs: number[] = [];
  const bad = { wrong: 0, failed: 0 };
  const startMs = performance.now();
  let turn = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - startMs < durationMs) {
      const sentMs = performance.now();
      const outcome = await opened().call(turn++, anyDeadlineMs);
      if (outcome === 'right') latenciesMs.push(performance.now() - sentMs);
      else bad[outcome]++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { calls: turn, ...bad, p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) };
}

function offer({ seed, ...load }: OfferedLoad & { readonly seed: number }): Promise<OfferedResult> {
  const { call } = opened();
  const until = (atMs: number): Promise<void> =>
    new Promise((resolve) => void setTimeout(resolve, atMs - performance.now()));
  return offerLoad(load, call, { now: () => performance.now(), until, random: createRandom(seed) });
}

answerParent({ open, probe, closed, offer } satisfies OpenLoopQuestions, async () => caller?.close());
