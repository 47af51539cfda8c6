// Ray Serve over HTTP with @serve.batch (bench/python/ray-serve), in its mode for high throughput. In that mode a load
// balancer calls replicas directly, past the proxy written in Python; here the client does, so it has one hop less.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, pythonEnvironment } from '@weft/foreign';
import { cacheFolder } from './cache-folder.ts';
import { maxRows } from './encoder-model.ts';
import { httpTarget } from './encoder-target.ts';
import { startForeign } from './foreign-process.ts';
import type { Peer, PeerContext, RunningPeer } from './peer.ts';
import { onnxruntimeVersion } from './weft-peer.ts';

const app = fileURLToPath(new URL('../../python/ray-serve/app.py', import.meta.url));
const requirements = ['ray[serve]==2.60.0', 'numpy==2.4.6', `onnxruntime==${onnxruntimeVersion}`];
/** Which is best depends on the model and the deadline. */
const batchWaitsMs = [5, 10, 20];

export const rayServePeer: Peer = {
  name: 'Ray Serve',
  async prepare(progress) {
    const tell = ['ray', 'onnxruntime', 'uvicorn', 'starlette'];
    const { python, versions } = await pythonEnvironment({
      name: 'ray-serve',
      requirements,
      tell,
      cacheFolder,
      progress,
    });
    const variants = batchWaitsMs.map((batchWaitMs) => ({
      setting: `batch_wait_timeout_s ${batchWaitMs / 1000}`,
      start: (context: PeerContext) => start(python, batchWaitMs, context),
    }));
    return { versions, variants };
  },
};

async function start(python: string, batchWaitMs: number, context: PeerContext): Promise<RunningPeer> {
  const [proxy, replica, grpc] = (await freePorts(3)) as [number, number, number];
  // Ray makes sockets in it, whose paths must be short.
  const folder = await mkdtemp(join(tmpdir(), 'weft-ray-'));
  const { ended, stop } = await startForeign({
    command: python,
    args: [app, context.modelFile, String(proxy), folder, String(maxRows), String(batchWaitMs)],
    cwd: folder,
    env: {
      BENCH_THREADS: String(context.threads),
      RAY_SERVE_THROUGHPUT_OPTIMIZED: '1',
      RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT: String(replica),
      RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT: String(replica + 1),
      RAY_SERVE_DIRECT_INGRESS_MIN_GRPC_PORT: String(grpc),
      RAY_SERVE_DIRECT_INGRESS_MAX_GRPC_PORT: String(grpc + 1),
      RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S: '0',
      RAY_USAGE_STATS_ENABLED: '0',
    },
    logFile: join(folder, 'log'),
  });
  return {
    target: httpTarget(replica, '/', context),
    ended,
    async stop() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
