// From the rounds of the generate bench to its table and verdicts.
import type { BenchReport } from '../bench.ts';
import type { Table } from '../table.ts';
import { median, quantile, repeated, rounded } from '../statistics.ts';

/** Texts at once. */
export const concurrencies = [1, 2, 4, 8, 16, 32, 64] as const;

/** The same prompt, length and tokens for all, so that they are written in step; or of mixed prompts, lengths and temperatures. */
export const textKinds = ['alike', 'mixed'] as const;
type TextKind = (typeof textKinds)[number];

/** In one instance in the bench's process; through a router, in processes of their own. */
export const places = ['instance', 'mesh'] as const;
type Place = (typeof places)[number];

/** Tokens a second, of each of the concurrencies. */
export type GenerateRound = Readonly<Record<TextKind, Readonly<Record<Place, readonly number[]>>>>;

/** Milliseconds a token. */
export interface PairMs {
  readonly plain: number;
  readonly stream: number;
}

export interface GenerateFigures {
  readonly pairMs: readonly PairMs[];
  readonly rounds: readonly GenerateRound[];
  /** Decoding steps until the first token, of each that joined. */
  readonly joins: readonly number[];
  /** Texts by seed that are the same alone and in a full batch. */
  readonly same: { readonly of: number; readonly same: number };
}

const leastRatio = 3;
/** What the machine's mood makes of two equal measurements. */
const noise = 0.03;
const mostSteps = 2;
const leastSame = 0.98;

export function reportGenerate({ pairMs, rounds, joins, same }: GenerateFigures): BenchReport {
  const best = (kind: TextKind, place: Place): number =>
    median(rounds.map((round) => Math.max(...round[kind][place]) / (round[kind][place][0] as number)));
  // The quiet quarter of each: what else the machine does hits either of a pair.
  const quiet = (kind: keyof PairMs): number =>
    quantile(
      pairMs.map((pair) => pair[kind]),
      0.25,
    );
  const alone = quiet('plain') / quiet('stream');
  const steps = repeated(joins);
  return {
    figures: {
      rounds: rounds.map((round) => ({ alike: roundedRates(round.alike), mixed: roundedRates(round.mixed) })),
      pairMs: pairMs.map(({ plain, stream }) => ({ plain: rounded(plain), stream: rounded(stream) })),
      joins,
      same,
    },
    tables: textKinds.map((kind) => rateTable(kind, rounds)),
    verdicts: [
      ...textKinds.flatMap((kind) =>
        places.map((place) => ({
          target: `tokens a second ${place === 'mesh' ? 'through the router' : 'in one instance'}, ${kind} texts, the best of 1 to 64 at once ÷ one: at least ${leastRatio}`,
          measured: best(kind, place).toFixed(2),
          met: best(kind, place) >= leastRatio,
        })),
      ),
      {
        target: `tokens a second of a stream that is alone ÷ a plain loop's in the same process, both taking the greatest score, text by text in turns, lower quartiles of the time: at least 1, within ${noise * 100}%`,
        measured: `${alone.toFixed(2)} (${quiet('plain').toFixed(2)} against ${quiet('stream').toFixed(2)} ms a token)`,
        met: alone >= 1 - noise,
      },
      {
        target: `decoding steps until somebody who joins a batch of 63 has the first token: at most ${mostSteps}`,
        measured: `median ${steps.median}, most ${steps.most}`,
        met: steps.most <= mostSteps,
      },
      {
        target: `texts by seed that are the same alone and in a batch of 64: at least ${leastSame * 100}%`,
        measured: `${same.same} of ${same.of}`,
        met: same.same >= leastSame * same.of,
      },
    ],
    invalid: [],
  };
}

function roundedRates({ instance, mesh }: GenerateRound[TextKind]): GenerateRound[TextKind] {
  return { instance: instance.map((rate) => rounded(rate)), mesh: mesh.map((rate) => rounded(rate)) };
}

const kindTitles: Readonly<Record<TextKind, string>> = {
  alike: 'Texts of one prompt and length, the likeliest tokens',
  mixed: 'Texts of mixed prompts, lengths and temperatures',
};

function rateTable(kind: TextKind, rounds: readonly GenerateRound[]): Table {
  const rates = (place: Place): number[] =>
    concurrencies.map((_, at) => median(rounds.map((round) => round[kind][place][at] as number)));
  const [instance, mesh] = [rates('instance'), rates('mesh')];
  const cells = (all: readonly number[], at: number): string[] => [
    (all[at] as number).toFixed(0),
    ((all[at] as number) / (all[0] as number)).toFixed(2),
  ];
  return {
    title: `${kindTitles[kind]}: tokens a second, medians of the rounds; × one text at a time`,
    columns: ['texts at once', 'in one instance', '×', 'through the router', '×'],
    rows: concurrencies.map((streams, at) => [String(streams), ...cells(instance, at), ...cells(mesh, at)]),
  };
}
