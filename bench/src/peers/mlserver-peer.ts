// MLServer over gRPC with adaptive batching, and a custom runtime that calls onnxruntime (bench/python/mlserver).
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, pythonEnvironment } from '@weft/foreign';
import { cacheFolder } from './cache-folder.ts';
import { maxRows } from './encoder-model.ts';
import { grpcTarget } from './encoder-target.ts';
import { startForeign } from './foreign-process.ts';
import type { Peer, PeerContext, RunningPeer } from './peer.ts';
import { onnxruntimeVersion } from './weft-peer.ts';

const sources = fileURLToPath(new URL('../../python/mlserver/', import.meta.url));
// The newest uvloop that MLServer's worker processes start with.
const requirements = ['mlserver==1.7.1', 'uvloop==0.21.0', 'numpy==2.4.6', `onnxruntime==${onnxruntimeVersion}`];
/** Its documentation has users find the best value by trying. */
const batchTimesMs = [5, 10, 20];

export const mlserverPeer: Peer = {
  name: 'MLServer',
  async prepare(progress) {
    const tell = ['mlserver', 'onnxruntime', 'grpcio', 'uvloop'];
    const { python, versions } = await pythonEnvironment({
      name: 'mlserver',
      requirements,
      tell,
      cacheFolder,
      progress,
    });
    const variants = batchTimesMs.map((batchTimeMs) => ({
      setting: `max_batch_time ${batchTimeMs} ms`,
      start: (context: PeerContext) => start(python, batchTimeMs, context),
    }));
    return { versions, variants };
  },
};

async function start(python: string, batchTimeMs: number, context: PeerContext): Promise<RunningPeer> {
  const [http, grpc, metrics] = (await freePorts(3)) as [number, number, number];
  const folder = await mkdtemp(join(dirname(context.folder.repository), 'mlserver-'));
  const model = {
    name: 'encoder',
    implementation: 'runtime.OnnxRuntime',
    max_batch_size: maxRows,
    max_batch_time: batchTimeMs / 1000,
    parameters: { uri: context.modelFile },
  };
  const server = { host: '127.0.0.1', http_port: http, grpc_port: grpc, metrics_port: metrics, debug: false };
  await writeFile(join(folder, 'model-settings.json'), JSON.stringify(model));
  await writeFile(join(folder, 'settings.json'), JSON.stringify(server));
  await copyFile(join(sources, 'runtime.py'), join(folder, 'runtime.py'));
  const { ended, stop } = await startForeign({
    command: python,
    args: [join(sources, 'start.py'), folder],
    cwd: folder,
    env: { BENCH_THREADS: String(context.threads) },
    logFile: join(folder, 'log'),
  });
  return { target: grpcTarget(`127.0.0.1:${grpc}`, context), ended, stop };
}
