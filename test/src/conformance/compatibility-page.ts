// The generated part of docs/compatibility.md: which calls each client was seen to make, and all that was seen, from the kept
// results of the last run that was written down.
import type { Check, ClientReport } from './check.ts';

export interface ConformanceResults {
  readonly weft: string;
  readonly ranAt: string;
  readonly platform: string;
  readonly node: string;
  readonly clients: readonly ClientReport[];
}

/** The rows of the table, in the protocol's order. */
const calls = [
  'ServerLive',
  'ServerReady',
  'ServerMetadata',
  'ModelReady',
  'ModelMetadata',
  'ModelInfer',
  'ModelStreamInfer',
  'ModelConfig',
  'ModelStatistics',
  'RepositoryIndex',
  'RepositoryModelLoad',
  'RepositoryModelUnload',
  'SystemSharedMemoryStatus',
  'SystemSharedMemoryRegister',
  'SystemSharedMemoryUnregister',
  'CudaSharedMemoryRegister',
  'TraceSetting',
  'LogSettings',
  'Reflection',
  'Health',
  'Embeddings',
] as const;

const [open, close] = ['<!-- results of the conformance run -->', '<!-- end of the results -->'];

/** The page with its generated part replaced. */
export function withResults(page: string, results: ConformanceResults): string {
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from === -1 || to < from) throw new Error(`the page has no part "${open}" … "${close}"`);
  return `${page.slice(0, from + open.length)}\n\n${generatedPart(results)}\n\n${page.slice(to)}`;
}

export function generatedPart({ weft, ranAt, platform, node, clients }: ConformanceResults): string {
  const checks = clients.flatMap((client) => client.checks);
  const seen = checks.filter(({ ok }) => ok).length;
  const intro = `weft ${weft} on ${platform}, Node ${node}, ${ranAt.slice(0, 10)}: ${seen} of ${checks.length} checks hold.`;
  const lists = clients.map(({ client, ...report }) => [`### ${client}`, listOf(report)].join('\n\n'));
  return [intro, versionTable(clients), callTable(clients), ...lists].join('\n\n');
}

function versionTable(clients: readonly ClientReport[]): string {
  const rows = clients.map(({ client, versions, missing }) => {
    const told = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    return `| ${client} | ${missing === undefined ? told.join(', ') : `not run: ${escaped(missing)}`} |`;
  });
  return ['| client | versions |', '|---|---|', ...rows].join('\n');
}

/** How many checks each client has of each call; those that hold alone, where not all do. */
function callTable(clients: readonly ClientReport[]): string {
  const names = clients.map(({ client }) => client);
  const rows = calls.map((call) => [
    call,
    ...clients.map(({ checks }) => countOf(checks.filter(({ rpc }) => rpc.includes(call)))),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(['call', ...names]), line(['---', ...names.map(() => '--:')]), ...rows.map(line)].join('\n');
}

function countOf(checks: readonly Check[]): string {
  const seen = checks.filter(({ ok }) => ok).length;
  if (checks.length === 0) return '';
  return seen === checks.length ? String(seen) : `**${seen} of ${checks.length}**`;
}

function listOf({ checks, missing }: Pick<ClientReport, 'checks' | 'missing'>): string {
  if (missing !== undefined) return `Not run: ${missing}`;
  const line = ({ rpc, check, ok, detail }: Check): string =>
    ok
      ? `- ${rpc.join(', ')}: ${check}`
      : `- **fails** ${rpc.join(', ')}: ${check}: \`${detail.replaceAll(/[\s`]+/g, ' ')}\``;
  return checks.map(line).join('\n');
}

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
