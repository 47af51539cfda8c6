// `npm run bench -- NAME`: runs one bench, prints its tables, and keeps its figures in bench/results/NAME.json.
// `npm run bench -- plot` draws the pictures of all figures that are kept.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { weftVersion } from '@weft/config';
import type { Bench, BenchReport } from './bench.ts';
import { describeMachine, type Machine } from './machine.ts';
import { eventLoopBench } from './event-loop/event-loop-bench.ts';
import { generateBench } from './generate/generate-bench.ts';
import { goodputBench } from './goodput/goodput-bench.ts';
import { identityBench } from './identity/identity-bench.ts';
import { loadingBench } from './loading/loading-bench.ts';
import { overheadBench } from './overhead/overhead-bench.ts';
import { realModelsBench } from './real-models/real-models-bench.ts';
import { peersBench } from './peers/peers-bench.ts';
import { profileBench } from './profile/profile-bench.ts';
import { routersBench } from './routers/routers-bench.ts';
import { simBench } from './sim/sim-bench.ts';
import { streamsBench } from './streams/streams-bench.ts';
import { rounded } from './statistics.ts';
import { markdownTable, textTable } from './table.ts';
import { replaceSection } from './write-docs.ts';

const benches: readonly Bench[] = [
  overheadBench,
  identityBench,
  eventLoopBench,
  simBench,
  goodputBench,
  routersBench,
  loadingBench,
  realModelsBench,
  generateBench,
  profileBench,
  peersBench,
  streamsBench,
];

const resultsDirectory = new URL('../results/', import.meta.url);
const docsFile = new URL('../../docs/benchmarks.md', import.meta.url);
const imagesDirectory = new URL('../../docs/images/', import.meta.url);

/** Exit code 0 when the run counts and meets its targets, 2 on wrong usage, 1 otherwise. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parsed(argv);
  const [name, ...more] = positionals;
  if (values === undefined || values.help === true) return usage(values === undefined ? 2 : 0);
  if (name === 'plot' && more.length === 0) return plotAll();
  const bench = benches.find((candidate) => candidate.name === name);
  if (bench === undefined || more.length > 0) {
    if (name !== undefined) console.error(`unknown bench: ${positionals.join(' ')}\n`);
    return usage(2);
  }
  const machine = describeMachine();
  const profileDirectory = values.profile === undefined ? undefined : resolve(values.profile);
  const progress = (line: string): void => console.error(`  ${line}`);
  const quick = values.quick === true;
  const report = await bench.run({ progress, profileDirectory, quick });
  for (const table of report.tables) console.log(`\n${textTable(table)}`);
  console.log();
  for (const { target, measured, met } of report.verdicts)
    console.log(`${met ? 'met' : 'MISSED'}: ${target} – ${measured}`);
  for (const reason of report.invalid) console.log(`INVALID: ${reason}`);
  // A profiler slows down what it looks at: its figures are not kept.
  const counts = profileDirectory === undefined && !quick && report.invalid.length === 0;
  if (!counts) console.log('the figures are not kept');
  if (counts) await keep(bench, machine, report);
  if (counts && values['write-docs'] === true) await writeSection(bench, machine, report);
  return report.invalid.length === 0 && report.verdicts.every(({ met }) => met) ? 0 : 1;
}

function parsed(argv: readonly string[]) {
  const options = {
    help: { type: 'boolean' },
    profile: { type: 'string' },
    quick: { type: 'boolean' },
    'write-docs': { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    console.error(`${(error as Error).message}\n`);
    return { values: undefined, positionals: [] };
  }
}

function usage(code: number): number {
  const list = benches.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n');
  const print = code === 0 ? console.log : console.error;
  print(`npm run bench -- NAME [--write-docs] [--quick] [--profile DIR]\n\n${list}`);
  print(`  ${'plot'.padEnd(12)} no bench: draws docs/images again, from the figures in bench/results\n`);
  print('  --write-docs   put the tables into docs/benchmarks.md as well, and the picture into docs/images');
  print('  --quick        a short run, to see that it works; the figures are not kept');
  print('  --profile DIR  leave a CPU profile of each process in DIR; the figures are not kept');
  return code;
}

async function keep({ name }: Bench, machine: Machine, { figures, verdicts }: BenchReport): Promise<void> {
  const measuredAt = new Date().toISOString();
  const kept = {
    bench: name,
    weft: weftVersion,
    measuredAt,
    machine: { ...machine, load: rounded(machine.load, 2) },
    verdicts,
    ...figures,
  };
  await mkdir(resultsDirectory, { recursive: true });
  await writeFile(new URL(`${name}.json`, resultsDirectory), `${JSON.stringify(kept, undefined, 2)}\n`);
}

async function writeSection(bench: Bench, machine: Machine, report: BenchReport): Promise<void> {
  const { cpu, cores, node, load } = machine;
  const where = `Measured on ${cores} cores (${cpu}), Node ${node}, weft ${weftVersion}; load of the machine before: ${load.toFixed(1)}.`;
  const verdicts = report.verdicts.map(
    ({ target, measured, met }) => `- ${target}: **${measured}**, ${met ? 'met' : 'missed'}.`,
  );
  const picture = await drawPicture(bench, report.figures);
  const content = [where, ...picture, ...report.tables.map(markdownTable), verdicts.join('\n')].join('\n\n');
  await writeFile(docsFile, replaceSection(await readFile(docsFile, 'utf8'), bench.name, content));
}

/** Writes the picture of a bench that has one; its line for a document. */
async function drawPicture({ name, plot }: Bench, figures: unknown): Promise<string[]> {
  if (plot === undefined) return [];
  // The library is loaded for this alone.
  const { drawPlot } = await import('./plots/draw-plot.ts');
  const picture = plot(figures);
  await mkdir(imagesDirectory, { recursive: true });
  await writeFile(new URL(`${name}.svg`, imagesDirectory), drawPlot(picture));
  return [`![${picture.alt}](images/${name}.svg)`];
}

async function plotAll(): Promise<number> {
  for (const bench of benches.filter(({ plot }) => plot !== undefined)) {
    const figures = new URL(`${bench.name}.json`, resultsDirectory);
    if (existsSync(figures)) await drawPicture(bench, JSON.parse(await readFile(figures, 'utf8')));
    else console.error(`no figures of ${bench.name} are kept: run it first`);
  }
  return 0;
}
