// From the rounds of the generate bench to its table and verdicts.
import type { BenchReport } from '../bench.ts';
import { median, quantile, repeated, rounded } from '../statistics.ts';

/** Texts at once. */
export const concurrencies = [1, 2, 4, 8, 16, 32, 64] as const;

/** Tokens a second, of each of the concurrencies. */
export interface GenerateRound {
  /** In one instance in the bench's process. */
  readonly instance: readonly number[];
  /** Through a router, in processes of their own. */
  readonly mesh: readonly number[];
}

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
  const rates = (kind: 'instance' | 'mesh'): number[] =>
    concurrencies.map((_, at) => median(rounds.map((round) => round[kind][at] as number)));
  const [instance, mesh] = [rates('instance'), rates('mesh')];
  const best = (kind: 'instance' | 'mesh'): number =>
    median(rounds.map((round) => Math.max(...round[kind]) / (round[kind][0] as number)));
  // The quiet quarter of each: what else the machine does hits either of a pair.
  const quiet = (kind: keyof PairMs): number =>
    quantile(
      pairMs.map((pair) => pair[kind]),
      0.25,
    );
  const alone = quiet('plain') / quiet('stream');
  const steps = repeated(joins);
  const ratio = (rate: number, of: number): string => (rate / of).toFixed(2);
  return {
    figures: {
      rounds: rounds.map((round) => ({
        instance: round.instance.map((rate) => rounded(rate)),
        mesh: round.mesh.map((rate) => rounded(rate)),
      })),
      pairMs: pairMs.map(({ plain, stream }) => ({ plain: rounded(plain), stream: rounded(stream) })),
      joins,
      same,
    },
    tables: [
      {
        title: 'Tokens a second, medians of the rounds; × one text at a time',
        columns: ['texts at once', 'in one instance', '×', 'through the router', '×'],
        rows: [
          ...concurrencies.map((streams, at) => [
            String(streams),
            (instance[at] as number).toFixed(0),
            ratio(instance[at] as number, instance[0] as number),
            (mesh[at] as number).toFixed(0),
            ratio(mesh[at] as number, mesh[0] as number),
          ]),
        ],
      },
    ],
    verdicts: [
      ...(['instance', 'mesh'] as const).map((kind) => ({
        target: `tokens a second ${kind === 'mesh' ? 'through the router' : 'in one instance'}, the best of 1 to 64 texts at once ÷ one: at least ${leastRatio}`,
        measured: best(kind).toFixed(2),
        met: best(kind) >= leastRatio,
      })),
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
