// The tables of the peers bench: answered in time by load, latency alone, and what was measured.
import type { BenchReport, Verdict } from '../bench.ts';
import { median, rounded } from '../statistics.ts';
import type { Table } from '../table.ts';
import type { OfferedMeasure, PeerMeasure } from './measure-peer.ts';

export interface MeasuredPeer {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The best of what was tried; empty when nothing was to be chosen. */
  setting: string;
  readonly rounds: PeerMeasure[];
  /** Why it could not be measured. */
  missing: string | undefined;
}

export interface MeasuredPeers {
  readonly peers: readonly MeasuredPeer[];
  /** Of the model by itself. */
  readonly times: readonly { readonly rows: number; readonly ms: number }[];
  readonly rates: readonly number[];
  readonly deadlineMs: number;
  readonly threads: number;
}

/** A load counts as served when this share of it is answered in time. */
const servedShare = 0.99;
const own = 'weft';
/** A full batch may take this share of the deadline. */
const mostOfDeadline = 0.8;

interface Summary {
  readonly name: string;
  /** Medians over the rounds, for each load. */
  readonly shares: readonly number[];
  readonly inTimePerSecond: readonly number[];
  readonly closedP50Ms: number;
  readonly closedP99Ms: number;
  readonly mostInTimePerSecond: number;
  /** The highest load up to which all are served; 0 for none. */
  readonly servedRate: number;
}

export function reportPeers(measured: MeasuredPeers): BenchReport {
  const { peers, times, rates, deadlineMs, threads } = measured;
  const present = peers.filter(({ missing }) => missing === undefined);
  const summaries = present.map((peer) => summarize(peer, rates));
  const model = times.map(({ rows, ms }) => ({ rows, ms: rounded(ms) }));
  const byLoad = (title: string, cell: (summary: Summary, at: number) => string): Table => ({
    title,
    columns: ['offered requests/s', ...rates.map(String)],
    rows: summaries.map((summary) => [summary.name, ...rates.map((_, at) => cell(summary, at))]),
  });
  return {
    figures: JSON.parse(
      JSON.stringify({ deadlineMs, threads, model, rates, summaries, peers }, (_, value: unknown) =>
        typeof value === 'number' ? rounded(value) : value,
      ),
    ) as Record<string, unknown>,
    tables: [
      modelTable(model, threads),
      byLoad(`Share of the offered load that is answered within ${deadlineMs} ms`, ({ shares }, at) =>
        percent(shares[at] ?? Number.NaN),
      ),
      byLoad(`Requests a second that are answered within ${deadlineMs} ms`, ({ inTimePerSecond }, at) =>
        (inTimePerSecond[at] ?? Number.NaN).toFixed(0),
      ),
      summaryTable(summaries, deadlineMs),
      versionsTable(peers),
    ],
    verdicts: verdicts(summaries),
    invalid: [...wrongAnswers(present), ...tooSlow(times, deadlineMs), ...ownMissing(peers)],
  };
}

function summarize({ name, rounds }: MeasuredPeer, rates: readonly number[]): Summary {
  const over = (figure: (round: PeerMeasure) => number): number => median(rounds.map(figure));
  const at = (index: number, figure: (offered: OfferedMeasure) => number): number =>
    over(({ offered }) => figure(offered[index] as OfferedMeasure));
  const shares = rates.map((_, index) => at(index, ({ inTime, offered }) => inTime / offered));
  const inTimePerSecond = rates.map((rate, index) => (shares[index] as number) * rate);
  const firstUnserved = shares.findIndex((share) => share < servedShare);
  const served = firstUnserved === -1 ? rates.length : firstUnserved;
  return {
    name,
    shares,
    inTimePerSecond,
    closedP50Ms: over(({ closed }) => closed.p50Ms),
    closedP99Ms: over(({ closed }) => closed.p99Ms),
    mostInTimePerSecond: Math.max(...inTimePerSecond),
    servedRate: rates[served - 1] ?? 0,
  };
}

function modelTable(times: MeasuredPeers['times'], threads: number): Table {
  return {
    title: `The model by itself on ${threads === 1 ? '1 thread' : `${threads} threads`}: a run of n rows`,
    columns: ['', ...times.map(({ rows }) => `n = ${rows}`)],
    rows: [
      ['ms', ...times.map(({ ms }) => ms.toFixed(1))],
      ['rows a second', ...times.map(({ rows, ms }) => ((rows * 1000) / ms).toFixed(0))],
    ],
  };
}

function summaryTable(summaries: readonly Summary[], deadlineMs: number): Table {
  return {
    title: 'In short',
    columns: [
      '',
      `most answered within ${deadlineMs} ms, requests/s`,
      `highest load with ${100 * servedShare}% in time, requests/s`,
      'one at a time: p50 ms',
      'p99 ms',
    ],
    rows: summaries.map(({ name, mostInTimePerSecond, servedRate, closedP50Ms, closedP99Ms }) => [
      name,
      mostInTimePerSecond.toFixed(0),
      servedRate === 0 ? `under the least` : String(servedRate),
      closedP50Ms.toFixed(1),
      closedP99Ms.toFixed(1),
    ]),
  };
}

function versionsTable(peers: readonly MeasuredPeer[]): Table {
  return {
    title: 'Versions, and the best of the settings that were tried',
    columns: ['', 'versions', 'setting'],
    rows: peers.map(({ name, versions, setting, missing }) => [
      name,
      missing === undefined
        ? Object.entries(versions)
            .map(([what, version]) => `${what} ${version}`)
            .join(', ')
        : `NOT MEASURED: ${missing}`,
      setting === '' ? '–' : setting,
    ]),
  };
}

function verdicts(summaries: readonly Summary[]): Verdict[] {
  const ours = summaries.find(({ name }) => name === own);
  const others = summaries.filter(({ name }) => name !== own);
  if (ours === undefined || others.length === 0) return [];
  const best = Math.max(...others.map(({ mostInTimePerSecond }) => mostInTimePerSecond));
  const ratio = ours.mostInTimePerSecond / best;
  return [
    {
      target: `most answered in time, ${own} ÷ the best of the others: at least 1`,
      measured: ratio.toFixed(2),
      met: ratio >= 1,
    },
  ];
}

function wrongAnswers(peers: readonly MeasuredPeer[]): string[] {
  return peers.flatMap(({ name, rounds }) => {
    const wrong = rounds.reduce(
      (sum, { closed, offered }) => sum + closed.wrong + offered.reduce((all, each) => all + each.wrong, 0),
      0,
    );
    return wrong === 0 ? [] : [`${name} gave ${wrong} wrong answers`];
  });
}

function ownMissing(peers: readonly MeasuredPeer[]): string[] {
  return peers.flatMap(({ name, missing }) => (name === own && missing !== undefined ? [`${name}: ${missing}`] : []));
}

/** Where a full batch takes most of the deadline, nobody can make good use of one. */
function tooSlow(times: MeasuredPeers['times'], deadlineMs: number): string[] {
  const fullMs = times.at(-1)?.ms ?? Number.NaN;
  if (fullMs <= mostOfDeadline * deadlineMs) return [];
  return [`a full batch takes ${fullMs.toFixed(0)} of ${deadlineMs} ms: the machine is too slow, or busy`];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0.995 && share < 1 ? 2 : 1)} %`;
}
