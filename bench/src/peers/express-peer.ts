// An Express route around onnxruntime-node, in one process: see children/express-server.ts.
import { createRequire } from 'node:module';
import type { ExpressQuestions } from '../children/express-server.ts';
import { forkChild } from '../forked-child.ts';
import { httpTarget } from './encoder-target.ts';
import type { Peer, PeerContext, RunningPeer } from './peer.ts';
import { onnxruntimeVersion } from './weft-peer.ts';

const { version } = createRequire(import.meta.url)('express/package.json') as { version: string };

export const expressPeer: Peer = {
  name: 'Express',
  prepare: async () => ({
    versions: { express: version, 'onnxruntime-node': onnxruntimeVersion, Node: process.versions.node },
    variants: [{ setting: '', start }],
  }),
};

async function start(context: PeerContext): Promise<RunningPeer> {
  const { modelFile, threads, profileDirectory } = context;
  const entry = new URL('../children/express-server.js', import.meta.url);
  const server = forkChild<ExpressQuestions>(entry, { name: 'express', profileDirectory });
  const stop = (): Promise<void> => server.stop();
  try {
    const port = await server.ask('start', { modelFile, threads });
    return { target: httpTarget(port, '/infer', context), ended: () => undefined, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
