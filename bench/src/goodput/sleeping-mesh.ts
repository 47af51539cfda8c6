// The processes of the benches goodput and routers: four services with sleeping models, routers in front of them, and a client.
import type { ChildGroup } from '../child-group.ts';
import type { ProcessQuestions } from '../children/answer-parent.ts';
import type { OpenLoopQuestions } from '../children/open-loop-client.ts';
import type { RouterQuestions } from '../children/router.ts';
import type { SleepingServiceQuestions } from '../children/sleeping-service.ts';
import type { ForkedChild } from '../forked-child.ts';
import { identityRequest, inferPath, isIdentityAnswer } from '../overhead/identity-model.ts';
import type { AuthoredModel, ScratchFolder } from '../scratch-folder.ts';
import { heavyWorkload, rawCapacity, serviceMs } from '../sim/workload.ts';
import { quantile, rounded } from '../statistics.ts';
import type { GoodputPlan } from './plan.ts';
import { judgeAnswers, judgeBatches, type Round } from './round.ts';
import type { SleptBatch } from './slept-batch.ts';

export interface SleepingMesh {
  readonly client: ForkedChild<OpenLoopQuestions & ProcessQuestions>;
  readonly routers: readonly ForkedChild<RouterQuestions & ProcessQuestions>[];
  readonly services: readonly ForkedChild<SleepingServiceQuestions & ProcessQuestions>[];
  readonly routerAddresses: readonly string[];
  readonly serviceAddresses: readonly string[];
}

export interface SleepingMeshOptions {
  readonly folder: ScratchFolder;
  readonly routers: number;
}

export async function startSleepingMesh(children: ChildGroup, options: SleepingMeshOptions): Promise<SleepingMesh> {
  const { repository, dataDirectory } = options.folder;
  const services = Array.from({ length: heavyWorkload.replicas }, (_, at) =>
    children.start<SleepingServiceQuestions>('sleeping-service', `service-${at + 1}`),
  );
  const serviceAddresses = await Promise.all(
    services.map((service) => service.ask('start', { repository, dataDirectory })),
  );
  const routers = Array.from({ length: options.routers }, (_, at) =>
    children.start<RouterQuestions>('router', `router-${at + 1}`),
  );
  const routerAddresses = await Promise.all(routers.map((router) => router.ask('start', serviceAddresses)));
  const client = children.start<OpenLoopQuestions>('open-loop-client');
  return { client, routers, services, routerAddresses, serviceAddresses };
}

/** Whom the client calls: each request goes to the next of the addresses. */
export interface Contender {
  readonly name: string;
  readonly model: AuthoredModel;
  readonly addresses: readonly string[];
  /** What it is offered at most, as a share of the raw capacity. */
  readonly mostLoad: number;
}

export interface RoundOptions extends Pick<GoodputPlan, 'settleMs' | 'countMs'> {
  readonly contender: Contender;
  readonly load: number;
  /** The same arrivals for the same seed. */
  readonly seed: number;
}

export async function measureRound(mesh: SleepingMesh, options: RoundOptions): Promise<Round> {
  const { contender, load, seed, settleMs, countMs } = options;
  const { name, model, addresses } = contender;
  const { deadlineMs } = heavyWorkload;
  const router = mesh.routers[mesh.routerAddresses.indexOf(addresses[0] ?? '')];
  const routerMb = async (): Promise<number> => rounded(((await router?.ask('residentBytes')) ?? 0) / 2 ** 20);
  const before = await routerMb();
  await takeBatches(mesh);
  const result = await mesh.client.ask('load', {
    addresses,
    path: inferPath,
    payload: identityRequest(model),
    requestsPerSecond: load * rawCapacity(heavyWorkload) * 1000,
    deadlineMs,
    settleMs,
    countMs,
    // Those who count meet the same crowd to their end.
    afterMs: deadlineMs,
    seed,
  });
  const judged = judgeAnswers(result, deadlineMs);
  if (judged.inTime > 0 && !isIdentityAnswer(result.answer)) throw new Error(`${name} gave a wrong answer`);
  return {
    strategy: name,
    load,
    ...judged,
    clientLateMs: rounded(quantile(result.lateMs, 0.99)),
    cpuShare: rounded(result.cpuShare),
    ...judgeBatches(await takeBatches(mesh), (rows) => serviceMs(heavyWorkload, rows)),
    routerMb: router !== undefined ? { before, after: await routerMb() } : undefined,
  };
}

async function takeBatches({ services }: SleepingMesh): Promise<SleptBatch[]> {
  return (await Promise.all(services.map((service) => service.ask('takeBatches')))).flat();
}
