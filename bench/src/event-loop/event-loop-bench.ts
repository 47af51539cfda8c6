// Does a model that computes keep anybody else waiting? A model runs for half a second at a time, one run after the other,
// through router and service, while clients ask both for health and metadata. Measured is how late the main event loops
// of both are, from inside; beside it the same when nothing runs, and of a process that runs the model on its main thread.
import { join } from 'node:path';
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import type { ProcessQuestions } from '../children/answer-parent.ts';
import type { ClientQuestions } from '../children/client.ts';
import type { MainThreadQuestions } from '../children/main-thread.ts';
import type { RouterQuestions } from '../children/router.ts';
import type { ServiceQuestions } from '../children/answer-as-service.ts';
import { type ChildGroup, createChildGroup } from '../child-group.ts';
import type { ForkedChild } from '../forked-child.ts';
import { inferPath } from '../overhead/identity-model.ts';
import type { Client } from '../overhead/measure-target.ts';
import { createScratchFolder, type ScratchFolder } from '../scratch-folder.ts';
import { calibrate } from './calibrate.ts';
import { lightCalls } from './light-calls.ts';
import { reportEventLoop } from './report-event-loop.ts';
import { slowModel, slowRequest } from './slow-model.ts';
import type { Watched } from './watched.ts';

const measureMs = 12_000;
const controlRuns = 8;
const threadCounts: readonly (number | undefined)[] = [undefined, 1];

export const eventLoopBench: Bench = {
  name: 'event-loop',
  about: 'delay of the event loops of router and service while a model runs for half a second at a time',
  run: runEventLoop,
};

async function runEventLoop({ progress, profileDirectory }: BenchOptions): Promise<BenchReport> {
  const folder = await createScratchFolder([slowModel]);
  const children = createChildGroup(profileDirectory);
  const watched: Watched[] = [];
  let count = 0;
  try {
    for (const threads of threadCounts) {
      const situation = `model runs on ${threads === undefined ? 'its default of threads' : `${threads} thread`}`;
      progress(`${situation}: starting service, router and client`);
      const mesh = await startMesh(children, folder, threads);
      if (watched.length === 0) watched.push(await watchMesh(mesh, { situation: 'nothing runs', count: 0 }));
      progress('finding out how much work takes 500 ms');
      count = await calibrate(mesh.client, mesh.serviceAddress);
      progress(`measuring for ${measureMs / 1000} s`);
      watched.push(await watchMesh(mesh, { situation, count }));
      await children.stop();
    }
    progress('the control: the same model on a main thread');
    const control = children.start<MainThreadQuestions>('main-thread');
    await control.ask('watchLoop');
    const modelFile = join(folder.repository, slowModel.name, '1', 'model.onnx');
    await control.ask('run', { modelFile, count, runs: controlRuns });
    return reportEventLoop({ watched, control: await control.ask('loopDelay') });
  } finally {
    await children.stop();
    await folder.remove();
  }
}

interface Mesh {
  readonly client: Client;
  readonly router: ForkedChild<RouterQuestions & ProcessQuestions>;
  readonly service: ForkedChild<ServiceQuestions & ProcessQuestions>;
  readonly routerAddress: string;
  readonly serviceAddress: string;
}

async function startMesh(
  children: ChildGroup,
  folder: ScratchFolder,
  intraOpThreads: number | undefined,
): Promise<Mesh> {
  const { repository, dataDirectory } = folder;
  const service = children.start<ServiceQuestions>('service');
  const router = children.start<RouterQuestions>('router');
  const client = children.start<ClientQuestions>('client');
  const serviceAddress = await service.ask('start', { repository, dataDirectory, intraOpThreads });
  const routerAddress = await router.ask('start', [serviceAddress]);
  return { client, router, service, routerAddress, serviceAddress };
}

async function watchMesh(mesh: Mesh, { situation, count }: { situation: string; count: number }): Promise<Watched> {
  const { client, router, service, routerAddress, serviceAddress } = mesh;
  const model = {
    address: routerAddress,
    path: inferPath,
    payload: slowRequest(count),
    concurrency: 1,
    durationMs: measureMs,
  };
  await Promise.all([router.ask('watchLoop'), service.ask('watchLoop')]);
  const [light, runs] = await Promise.all([
    lightCalls(client, [routerAddress, serviceAddress], measureMs),
    count === 0 ? undefined : client.ask('load', model),
  ]);
  const [routerLoop, serviceLoop] = await Promise.all([router.ask('loopDelay'), service.ask('loopDelay')]);
  return { situation, runs, loops: { router: routerLoop, service: serviceLoop }, light };
}
