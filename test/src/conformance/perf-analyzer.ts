// NVIDIA's perf_analyzer: sweeps over concurrencies in each of its modes, and the server-side statistics that it prints.
//
// Its wheel is linked for a newer Linux than Debian 12: where it does not start, it gets newer libraries of its own. The windows
// are short and any spread is accepted: what is looked at here is whether it works, not how fast.
import { chmod, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadWheel, newerLibraries } from '@weft/foreign';
import { type Check, checkOf, requireParts } from './check.ts';
import { type Client, cacheFolder } from './client.ts';
import type { ConformanceMesh } from './conformance-mesh.ts';
import { output, runClient } from './run-client.ts';

const name = 'perf_analyzer';
const version = '2.60.0';
// It loads the CUDA runtime before it uses shared memory of any kind.
const cudaRuntime = { requirement: 'nvidia-cuda-runtime-cu12==12.9.79', platform: 'manylinux2014_x86_64' };
const wheel = { requirement: `perf-analyzer==${version}`, platform: 'manylinux_2_38_x86_64' };
const windows = ['--measurement-mode', 'count_windows', '--measurement-request-count', '40'];
const quick = [...windows, '-p', '2000', '-s', '999', '-r', '3'];
const sweep = ['--concurrency-range', '1:4:3'];

export const perfAnalyzer: Client = {
  name,
  async prepare(progress) {
    const folder = await downloadWheel({ ...wheel, cacheFolder, progress });
    const program = join(folder, 'perf_analyzer/bin/perf_analyzer');
    await chmod(program, 0o755);
    const { stderr } = await runClient({ command: program, args: ['--version'], timeoutMs: 20_000 });
    const cuda = await cudaLibraries(progress);
    const command = stderr.includes('GLIBC')
      ? [...(await newerLibraries(cacheFolder, { before: cuda, progress })), program]
      : ['env', `LD_LIBRARY_PATH=${cuda}`, program];
    return { versions: { 'perf-analyzer': version }, run: (mesh) => runSweeps(command, mesh) };
  },
};

/** The folder of libcudart.so, by the name that it is looked for. */
async function cudaLibraries(progress: (line: string) => void): Promise<string> {
  const folder = await downloadWheel({ ...cudaRuntime, cacheFolder, progress });
  const libraries = join(folder, 'nvidia/cuda_runtime/lib');
  const link = join(libraries, 'libcudart.so');
  await rm(link, { force: true });
  await symlink('libcudart.so.12', link);
  return libraries;
}

interface Sweep {
  readonly rpc: readonly string[];
  readonly check: string;
  readonly args: (mesh: ConformanceMesh) => readonly string[];
  /** Beside what every sweep prints. */
  readonly prints: readonly (string | RegExp)[];
}

const overGrpc = ({ grpc }: ConformanceMesh) => ['-i', 'grpc', '-u', grpc];
const overHttp = ({ http }: ConformanceMesh) => ['-i', 'http', '-u', http];
const serverSide = [
  'Server:',
  'Inference count:',
  'Execution count:',
  /Avg request latency: \d+ usec/,
  /compute infer \d+ usec/,
];
const asked = ['ServerMetadata', 'ModelMetadata', 'ModelConfig', 'ModelStatistics'];

const sweeps: readonly Sweep[] = [
  {
    rpc: ['ModelInfer', ...asked],
    check: 'a sweep over gRPC, with server-side statistics',
    args: (mesh) => ['-m', 'simple', ...overGrpc(mesh), ...sweep],
    prints: serverSide,
  },
  {
    rpc: ['ModelInfer', ...asked],
    check: 'a sweep over gRPC with batches of 4 to a batching model, asynchronous calls',
    args: (mesh) => ['-m', 'batching', '-b', '4', '--async', ...overGrpc(mesh), ...sweep],
    prints: serverSide,
  },
  {
    rpc: ['ModelStreamInfer', ...asked],
    check: 'a sweep over a gRPC stream, with server-side statistics',
    args: (mesh) => ['-m', 'simple', '--streaming', ...overGrpc(mesh), ...sweep],
    prints: serverSide,
  },
  {
    rpc: ['ModelInfer', ...asked],
    check: 'a sweep over HTTP, with server-side statistics',
    args: (mesh) => ['-m', 'simple', ...overHttp(mesh), ...sweep],
    prints: serverSide,
  },
  {
    rpc: ['ModelInfer', ...asked],
    check: 'a sweep over an ensemble, with the statistics of its steps',
    args: (mesh) => ['-m', 'ensemble_add_sub', ...overGrpc(mesh), ...sweep],
    prints: ['Composing models:'],
  },
  {
    rpc: ['ModelStreamInfer', ...asked],
    check: 'sequences on a stream',
    args: (mesh) => ['-m', 'simple_sequence', '--streaming', '--sequence-length', '8', ...overGrpc(mesh), ...sweep],
    prints: serverSide,
  },
  {
    rpc: ['ModelInfer', 'SystemSharedMemoryRegister', 'SystemSharedMemoryUnregister', ...asked],
    check: 'tensors in system shared memory, to a service itself',
    args: ({ service }) => [
      ...['-m', 'simple', '-i', 'grpc', '-u', service, '--concurrency-range', '1'],
      ...['--shared-memory', 'system', '--output-shared-memory-size', '1024'],
    ],
    prints: serverSide,
  },
  {
    rpc: ['ModelInfer', ...asked],
    check: 'a rate of requests instead of a concurrency',
    args: (mesh) => ['-m', 'simple', ...overGrpc(mesh), '--request-rate-range', '50'],
    prints: ['Request Rate: 50'],
  },
];

async function runSweeps([command = '', ...before]: readonly string[], mesh: ConformanceMesh): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { rpc, check, args, prints } of sweeps) {
    const seen = async (): Promise<void> => {
      const all = [...before, ...args(mesh), ...quick];
      const text = await output({ command, args: all, timeoutMs: 120_000, cwd: mesh.folder });
      requireParts(text, 'Inferences/Second vs. Client', ...prints);
    };
    checks.push(await checkOf(name, rpc, check)(seen));
  }
  return checks;
}
