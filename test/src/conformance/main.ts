// `npm run conformance`: installs other people's clients, starts a mesh over a model repository that was written for Triton, lets
// each client do what it does with Triton or KServe, and tells what was seen. Not part of `npm test`: it needs Python, Go and
// their registries.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { weftVersion } from '@weft/config';
import { ForeignMissing } from '@weft/foreign';
import type { ClientReport } from './check.ts';
import type { Client, PreparedClient } from './client.ts';
import { type ConformanceResults, withResults } from './compatibility-page.ts';
import { type ConformanceMesh, startConformanceMesh } from './conformance-mesh.ts';
import { goClients } from './go-clients.ts';
import { perfAnalyzer } from './perf-analyzer.ts';
import { scriptClients } from './script-clients.ts';

const clients: readonly Client[] = [...scriptClients, perfAnalyzer, ...goClients];
const resultsFile = new URL('../../results/conformance.json', import.meta.url);
const page = new URL('../../../docs/compatibility.md', import.meta.url);

/** Exit code 0 when every client could be run and every check holds, 2 on wrong usage, 1 otherwise. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = { help: { type: 'boolean' }, 'write-docs': { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const chosen = positionals.length === 0 ? clients : clients.filter(({ name }) => positionals.includes(name));
  if (values.help === true || chosen.length < positionals.length) return usage(values.help === true ? 0 : 2);
  const progress = (line: string): void => console.error(`  ${line}`);
  const prepared: Ready[] = [];
  for (const client of chosen) prepared.push(await prepare(client, progress));
  const mesh = await startConformanceMesh(progress);
  const reports: ClientReport[] = [];
  try {
    for (const ready of prepared) reports.push(await runOne(ready, mesh, progress));
    for (const line of mesh.complaints()) progress(`the mesh said: ${line.slice(0, 600)}`);
  } finally {
    await mesh.stop();
  }
  print(reports);
  const whole = chosen.length === clients.length;
  if (whole && values['write-docs'] === true) await writeDown(reports);
  else console.log('\nthe results are not kept: --write-docs keeps those of a run of all clients');
  return reports.every(({ missing, checks }) => missing === undefined && checks.every(({ ok }) => ok)) ? 0 : 1;
}

function usage(code: number): number {
  console.log('npm run conformance -- [--write-docs] [CLIENT…]\n');
  console.log(`  CLIENT         ${clients.map(({ name }) => name).join(', ')}; all if absent`);
  console.log('  --write-docs   put the results into docs/compatibility.md and test/results/conformance.json');
  return code;
}

interface Ready {
  readonly client: Client;
  readonly prepared: PreparedClient | string;
}

async function prepare(client: Client, progress: (line: string) => void): Promise<Ready> {
  try {
    return { client, prepared: await client.prepare(progress) };
  } catch (thrown) {
    if (!(thrown instanceof ForeignMissing)) throw thrown;
    progress(`NOT RUN: ${client.name}: ${thrown.message}`);
    return { client, prepared: thrown.message };
  }
}

async function runOne(
  { client, prepared }: Ready,
  mesh: ConformanceMesh,
  progress: (line: string) => void,
): Promise<ClientReport> {
  if (typeof prepared === 'string') return { client: client.name, versions: {}, checks: [], missing: prepared };
  const began = performance.now();
  const checks = await prepared.run(mesh);
  const failed = checks.filter(({ ok }) => !ok);
  const seconds = Math.round((performance.now() - began) / 1000);
  progress(`${client.name}: ${checks.length - failed.length} of ${checks.length} in ${seconds} s`);
  for (const { rpc, check, detail } of failed) progress(`  FAILED ${rpc.join(', ')}: ${check}\n      ${detail}`);
  return { client: client.name, versions: prepared.versions, checks };
}

function print(reports: readonly ClientReport[]): void {
  console.log();
  for (const { client, checks, missing } of reports) {
    const seen = checks.filter(({ ok }) => ok).length;
    console.log(
      `${client.padEnd(22)} ${missing === undefined ? `${seen} of ${checks.length}` : `NOT RUN: ${missing}`}`,
    );
  }
}

async function writeDown(reports: readonly ClientReport[]): Promise<void> {
  const results: ConformanceResults = {
    weft: weftVersion,
    ranAt: new Date().toISOString(),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    clients: reports,
  };
  await mkdir(new URL('.', resultsFile), { recursive: true });
  await writeFile(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(page, withResults(await readFile(page, 'utf8'), results));
}
