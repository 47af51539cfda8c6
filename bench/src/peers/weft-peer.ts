// weft: a router and one replica, each in a process of its own, on their default settings but for the threads.
import { createRequire } from 'node:module';
import { weftVersion } from '@weft/config';
import type { RouterQuestions } from '../children/router.ts';
import type { ServiceQuestions } from '../children/answer-as-service.ts';
import { forkChild } from '../forked-child.ts';
import { grpcTarget } from './encoder-target.ts';
import type { Peer, PeerContext, RunningPeer } from './peer.ts';

export const onnxruntimeVersion = (
  createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
).version;

export const weftPeer: Peer = {
  name: 'weft',
  prepare: async () => ({
    versions: { weft: weftVersion, 'onnxruntime-node': onnxruntimeVersion, Node: process.versions.node },
    variants: [{ setting: '', start }],
  }),
};

async function start(context: PeerContext): Promise<RunningPeer> {
  const { folder, threads, profileDirectory } = context;
  const { repository, dataDirectory } = folder;
  const child = (name: string) => new URL(`../children/${name}.js`, import.meta.url);
  const service = forkChild<ServiceQuestions>(child('service'), { name: 'service', profileDirectory });
  const router = forkChild<RouterQuestions>(child('router'), { name: 'router', profileDirectory });
  const stop = async (): Promise<void> => {
    await router.stop();
    await service.stop();
  };
  try {
    const endpoint = await service.ask('start', { repository, dataDirectory, intraOpThreads: threads });
    const target = grpcTarget(await router.ask('start', [endpoint]), context);
    return { target, ended: () => undefined, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
