// Does a model that is loaded keep the others waiting? One model answers a steady trickle of calls through router and service,
// while another one of seventy megabytes is unloaded and loaded again and again through the router's admin service: read,
// checked, opened and warmed up beside the one that serves. Compared are the calls that met a load with those of the seconds
// before, in turns.
import { setTimeout } from 'node:timers/promises';
import { connect, type WeftClient } from '@weft/client';
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { createChildGroup } from '../child-group.ts';
import type { RouterQuestions } from '../children/router.ts';
import type { ServiceQuestions } from '../children/answer-as-service.ts';
import { busyShare, readCpuTimes } from '../machine-cpu.ts';
import { encoderModel } from '../peers/encoder-model.ts';
import { slowModel } from '../event-loop/slow-model.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { type LoadWindow, reportLoading } from './report-loading.ts';
import { type SteadyCall, startSteadyCalls } from './steady-calls.ts';

export const loadingBench: Bench = {
  name: 'loading',
  about: 'latency of a model that serves while another one is loaded beside it',
  run: runLoading,
};

const quietMs = 3000;
const loadsInTurn = 4;

async function runLoading({ progress, profileDirectory, quick }: BenchOptions): Promise<BenchReport> {
  const turns = quick ? 2 : 10;
  const heavy = encoderModel();
  const folder = await createScratchFolder([slowModel, heavy]);
  const children = createChildGroup(profileDirectory);
  let client: WeftClient | undefined;
  try {
    progress('starting service and router');
    const service = children.start<ServiceQuestions>('service');
    const router = children.start<RouterQuestions>('router');
    const { repository, dataDirectory } = folder;
    // One thread for each instance: what loads leaves the other core to what serves.
    const endpoint = await service.ask('start', { repository, dataDirectory, intraOpThreads: 1 });
    // Both follow one event log, in the data directory.
    client = connect({ router: await router.ask('startIn', { endpoints: [endpoint], dataDirectory }) });
    const quiet: SteadyCall[] = [];
    const loading: SteadyCall[] = [];
    const windows: LoadWindow[] = [];
    const before = readCpuTimes();
    for (let turn = 1; turn <= turns; turn += 1) {
      progress(`turn ${turn} of ${turns}`);
      const undisturbed = startSteadyCalls(client);
      await setTimeout(quietMs);
      quiet.push(...(await undisturbed.stop()));
      const disturbed = startSteadyCalls(client);
      for (let load = 0; load < loadsInTurn; load += 1) windows.push(await loadAgain(client, heavy.name));
      loading.push(...(await disturbed.stop()));
    }
    const cpuShare = busyShare(before, readCpuTimes());
    return reportLoading({ quiet, loading, windows, cpuShare });
  } finally {
    client?.close();
    await children.stop();
    await folder.remove();
  }
}

/** Unloads the model, loads it, and rests for as long as that took, so that half of the machine stays free. */
async function loadAgain(client: WeftClient, model: string): Promise<LoadWindow> {
  await client.admin.unload(model);
  const fromMs = performance.now();
  const { replicas } = await client.admin.load(model);
  const toMs = performance.now();
  const problem = replicas.find((replica) => replica.problem !== '')?.problem;
  if (problem !== undefined) throw new Error(`${model} was not loaded: ${problem}`);
  await setTimeout(toMs - fromMs);
  return { fromMs, toMs };
}
