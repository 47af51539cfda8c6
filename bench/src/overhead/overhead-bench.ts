// What the mesh costs: an identity model called through the router, on the service directly, and in their place a bare
// grpc-js echo, at high and at lowest concurrency. All in one run and in turns, round after round, so that whatever else
// the machine does falls on all of them; what counts is the ratio within a round.
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import type { ClientQuestions } from '../children/client.ts';
import type { EchoQuestions } from '../children/echo.ts';
import type { RouterQuestions } from '../children/router.ts';
import type { ServiceQuestions } from '../children/answer-as-service.ts';
import { createChildGroup } from '../child-group.ts';
import { echoPath } from '../echo-path.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { identityModel, identityRequest, inferPath, isIdentityAnswer } from './identity-model.ts';
import { type Client, type Measure, measureTarget, type Target } from './measure-target.ts';
import { reportOverhead } from './report-overhead.ts';
import type { LoadShape, Rounds } from './rounds.ts';

const shapes: readonly LoadShape[] = [
  { concurrency: 64, durationMs: 600, rounds: 21 },
  { concurrency: 1, durationMs: 500, rounds: 13 },
];

/** Until then the compiler works beside the calls, longer in a process with more code. */
const warmUpCalls = 15_000;
const longestWarmUpMs = 12_000;

export const overheadBench: Bench = {
  name: 'overhead',
  about: 'CPU and latency of a call through the router, on the service, and of a bare grpc-js echo',
  run: runOverhead,
};

async function runOverhead({ progress, profileDirectory }: BenchOptions): Promise<BenchReport> {
  const folder = await createScratchFolder([identityModel]);
  const children = createChildGroup(profileDirectory);
  try {
    progress('starting echo, service, router and client');
    const echo = children.start<EchoQuestions>('echo');
    const service = children.start<ServiceQuestions>('service');
    const router = children.start<RouterQuestions>('router');
    const client = children.start<ClientQuestions>('client');
    const payload = identityRequest();
    const echoAddress = await echo.ask('start');
    const { repository, dataDirectory } = folder;
    const serviceAddress = await service.ask('start', { repository, dataDirectory });
    const routerAddress = await router.ask('start', [serviceAddress]);
    const isEcho = (answer: Uint8Array): boolean => payload.equals(answer);
    const targets: readonly Target[] = [
      { name: 'echo', address: echoAddress, path: echoPath, processes: { echo }, isAnswer: isEcho },
      { name: 'service', address: serviceAddress, path: inferPath, processes: { service }, isAnswer: isIdentityAnswer },
      {
        name: 'router',
        address: routerAddress,
        path: inferPath,
        processes: { router, service },
        isAnswer: isIdentityAnswer,
      },
    ];
    progress('warming up');
    const warmedUp = [];
    for (const target of targets) warmedUp.push(await warmUp(client, target, payload));
    const measured = [];
    for (const shape of shapes)
      measured.push({ ...shape, targets: await measureRounds({ client, targets, payload, shape, progress }) });
    return reportOverhead({ payloadBytes: payload.length, warmedUp, shapes: measured });
  } finally {
    await children.stop();
    await folder.remove();
  }
}

/** The number of calls it took. */
async function warmUp(client: Client, target: Target, payload: Buffer): Promise<number> {
  const startMs = performance.now();
  let calls = 0;
  while (calls < warmUpCalls && performance.now() - startMs < longestWarmUpMs) {
    calls += (await measureTarget(client, target, { payload, concurrency: 64, durationMs: 500 })).calls;
  }
  return calls;
}

interface RoundOptions {
  readonly client: Client;
  readonly targets: readonly Target[];
  readonly payload: Buffer;
  readonly shape: LoadShape;
  readonly progress: BenchOptions['progress'];
}

async function measureRounds({ client, targets, payload, shape, progress }: RoundOptions): Promise<Rounds> {
  const { concurrency, durationMs, rounds } = shape;
  const measured: Record<string, Measure[]> = Object.fromEntries(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    progress(`concurrency ${concurrency}: round ${round + 1} of ${rounds}`);
    // Each round begins with another target, so that none always follows the same one.
    const order = targets.map((_, at) => targets[(at + round) % targets.length] as Target);
    for (const target of order) {
      measured[target.name]?.push(await measureTarget(client, target, { payload, concurrency, durationMs }));
    }
  }
  return measured;
}
