// The processes of the goodput bench: four services with sleeping models, a router in front of them, and a client.
import type { ChildGroup } from '../child-group.ts';
import type { ProcessQuestions } from '../children/answer-parent.ts';
import type { OpenLoopQuestions } from '../children/open-loop-client.ts';
import type { RouterQuestions } from '../children/router.ts';
import type { SleepingServiceQuestions } from '../children/sleeping-service.ts';
import type { ForkedChild } from '../forked-child.ts';
import { identityRequest, inferPath, isIdentityAnswer } from '../overhead/identity-model.ts';
import type { ScratchFolder } from '../scratch-folder.ts';
import { heavyWorkload, rawCapacity, serviceMs } from '../sim/workload.ts';
import { quantile, rounded } from '../statistics.ts';
import type { GoodputPlan } from './plan.ts';
import { judgeAnswers, judgeBatches, type Round } from './round.ts';
import type { SleptBatch } from './slept-batch.ts';
import type { Strategy } from './strategy.ts';

export interface SleepingMesh {
  readonly client: ForkedChild<OpenLoopQuestions & ProcessQuestions>;
  readonly router: ForkedChild<RouterQuestions & ProcessQuestions>;
  readonly services: readonly ForkedChild<SleepingServiceQuestions & ProcessQuestions>[];
  readonly routerAddress: string;
  readonly serviceAddresses: readonly string[];
}

export async function startSleepingMesh(children: ChildGroup, folder: ScratchFolder): Promise<SleepingMesh> {
  const { repository, dataDirectory } = folder;
  const services = Array.from({ length: heavyWorkload.replicas }, (_, at) =>
    children.start<SleepingServiceQuestions>('sleeping-service', `service-${at + 1}`),
  );
  const serviceAddresses = await Promise.all(
    services.map((service) => service.ask('start', { repository, dataDirectory })),
  );
  const router = children.start<RouterQuestions>('router');
  const routerAddress = await router.ask('start', serviceAddresses);
  const client = children.start<OpenLoopQuestions>('open-loop-client');
  return { client, router, services, routerAddress, serviceAddresses };
}

export interface RoundOptions extends Pick<GoodputPlan, 'settleMs' | 'countMs'> {
  readonly strategy: Strategy;
  readonly load: number;
  /** The same arrivals for the same seed. */
  readonly seed: number;
}

export async function measureRound(mesh: SleepingMesh, options: RoundOptions): Promise<Round> {
  const { strategy, load, seed, settleMs, countMs } = options;
  const { deadlineMs } = heavyWorkload;
  const throughRouter = strategy.calls === 'router';
  const routerMb = async (): Promise<number> => rounded((await mesh.router.ask('residentBytes')) / 2 ** 20);
  const before = await routerMb();
  await takeBatches(mesh);
  const result = await mesh.client.ask('load', {
    addresses: throughRouter ? [mesh.routerAddress] : mesh.serviceAddresses,
    path: inferPath,
    payload: identityRequest(strategy.model),
    requestsPerSecond: load * rawCapacity(heavyWorkload) * 1000,
    deadlineMs,
    settleMs,
    countMs,
    // Those who count meet the same crowd to their end.
    afterMs: deadlineMs,
    seed,
  });
  const judged = judgeAnswers(result, deadlineMs);
  if (judged.inTime > 0 && !isIdentityAnswer(result.answer)) throw new Error(`${strategy.name} gave a wrong answer`);
  return {
    strategy: strategy.name,
    load,
    ...judged,
    clientLateMs: rounded(quantile(result.lateMs, 0.99)),
    cpuShare: rounded(result.cpuShare),
    ...judgeBatches(await takeBatches(mesh), (rows) => serviceMs(heavyWorkload, rows)),
    routerMb: throughRouter ? { before, after: await routerMb() } : undefined,
  };
}

async function takeBatches({ services }: SleepingMesh): Promise<SleptBatch[]> {
  return (await Promise.all(services.map((service) => service.ask('takeBatches')))).flat();
}
