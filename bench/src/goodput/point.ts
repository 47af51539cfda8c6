// All rounds of one strategy at one load, and what a ladder of loads says of a strategy.
import { median, quantile, type Repeated, repeated, rounded } from '../statistics.ts';
import type { Fates, Round } from './round.ts';

export interface Point {
  readonly strategy: string;
  readonly load: number;
  readonly rounds: number;
  /** Answered in time, requests per second. */
  readonly goodput: Repeated;
  /** Of the offered requests, medians over the rounds. */
  readonly shares: Fates;
  /** From due to answered, of all who were in time: the median of the rounds' medians, and of all of them together. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From due to answered, of all who were refused or dropped; absent without any. */
  readonly rejections?: { readonly p50Ms: number; readonly p99Ms: number } | undefined;
  readonly meanBatchRows: number;
  /** Of the whole machine, 0..1. */
  readonly cpuShare: Repeated;
  /** How late the client sent, p99 of each round. */
  readonly clientLateMs: Repeated;
  /** How much longer than s(b) a batch took, as a share of it: medians over the rounds. */
  readonly overrun: Round['overrun'];
}

/** `rounds` are those of one strategy and load, at least one, that counted requests for `countMs` each. */
export function summarizePoint(rounds: readonly Round[], countMs: number): Point {
  const { strategy, load } = rounds[0] as Round;
  const share = (fate: keyof Fates): number => rounded(median(rounds.map((round) => round[fate] / round.offered)));
  const rejections = rounds.flatMap(({ rejectionsMs }) => rejectionsMs);
  return {
    strategy,
    load,
    rounds: rounds.length,
    goodput: repeated(rounds.map(({ inTime }) => rounded((inTime / countMs) * 1000))),
    shares: {
      inTime: share('inTime'),
      refused: share('refused'),
      dropped: share('dropped'),
      late: share('late'),
      failed: share('failed'),
    },
    p50Ms: rounded(median(rounds.map(({ latenciesMs }) => median(latenciesMs)))),
    p99Ms: rounded(
      quantile(
        rounds.flatMap(({ latenciesMs }) => latenciesMs),
        0.99,
      ),
    ),
    ...(rejections.length === 0
      ? {}
      : {
          rejections: { p50Ms: rounded(median(rejections)), p99Ms: rounded(quantile(rejections, 0.99)) },
        }),
    meanBatchRows: rounded(median(rounds.map(({ meanBatchRows }) => meanBatchRows))),
    cpuShare: repeated(rounds.map(({ cpuShare }) => cpuShare)),
    clientLateMs: repeated(rounds.map(({ clientLateMs }) => clientLateMs)),
    overrun: {
      p50: rounded(median(rounds.map(({ overrun }) => overrun.p50)), 2),
      p99: rounded(median(rounds.map(({ overrun }) => overrun.p99)), 2),
    },
  };
}

/** Whoever answers this share in time sustains the load. */
const sustainedShare = 0.99;

/**
 * The highest load up to which 99% are answered in time, on the straight line between the last step of the ladder that holds
 * and the first that does not. 0 when not even the first holds, the last step when all do.
 */
export function sustainedLoad(points: readonly Pick<Point, 'load' | 'shares'>[]): number {
  const ladder = points.map(({ load, shares }) => ({ load, share: shares.inTime })).sort((a, b) => a.load - b.load);
  const fails = ladder.findIndex(({ share }) => share < sustainedShare);
  if (fails === -1) return ladder.at(-1)?.load ?? 0;
  const [below, above] = [ladder[fails - 1], ladder[fails]];
  if (below === undefined || above === undefined) return 0;
  const part = (below.share - sustainedShare) / (below.share - above.share);
  return below.load + part * (above.load - below.load);
}
