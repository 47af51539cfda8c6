// What a call costs by the way it comes: unary, in a stream, or over REST with binary tensors. The design is that of Triton's own
// measurement: an identity model, one element and 16 MB, one call at a time and sixteen, until three windows in a row agree. The
// windows of the three ways take turns, so that whatever else the machine does falls on all of them.
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import type { ServiceQuestions } from '../children/answer-as-service.ts';
import type { IdentityQuestions } from '../children/identity-client.ts';
import type { RouterQuestions } from '../children/router.ts';
import { createChildGroup } from '../child-group.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { elementsModel, type Way, ways } from './elements.ts';
import { type Mesh, measureWindow } from './measure-window.ts';
import type { MeasuredWay, Shape } from './measured.ts';
import { reportIdentity } from './report-identity.ts';
import { isStable, type Window } from './windows.ts';

interface Plan {
  /** Of the large tensor. */
  readonly largeElements: number;
  readonly mostWindows: { readonly small: number; readonly large: number };
  /** Of a window, by the size of the tensor. */
  readonly smallMs: number;
  readonly largeMs: number;
  /** Calls of each way before the measurement: until then the compiler works beside the calls. */
  readonly warmUp: { readonly small: number; readonly large: number };
}

const plans: Readonly<Record<'full' | 'quick', Plan>> = {
  full: {
    largeElements: 4 * 1024 * 1024,
    mostWindows: { small: 12, large: 6 },
    smallMs: 1000,
    largeMs: 2500,
    warmUp: { small: 10_000, large: 32 },
  },
  quick: {
    largeElements: 256 * 1024,
    mostWindows: { small: 3, large: 1 },
    smallMs: 300,
    largeMs: 300,
    warmUp: { small: 1000, large: 2 },
  },
};

const shapesOf = ({ largeElements }: Plan): readonly Shape[] =>
  [1, largeElements].flatMap((elements) => [1, 16].map((concurrency) => ({ elements, concurrency })));

export const identityBench: Bench = {
  name: 'identity',
  about: 'one element and 16 MB, unary, streamed and over REST: latency, calls/s, CPU',
  run: runIdentity,
};

async function runIdentity({ progress, profileDirectory, quick }: BenchOptions): Promise<BenchReport> {
  const plan = plans[quick ? 'quick' : 'full'];
  const folder = await createScratchFolder([elementsModel]);
  const children = createChildGroup(profileDirectory);
  try {
    progress('starting service, router and client');
    const service = children.start<ServiceQuestions>('service');
    const router = children.start<RouterQuestions>('router');
    const client = children.start<IdentityQuestions>('identity-client');
    const { repository, dataDirectory } = folder;
    const serviceAddress = await service.ask('start', { repository, dataDirectory });
    const grpc = await router.ask('start', [serviceAddress]);
    const rest = await router.ask('httpAddress');
    const addresses = { unary: grpc, stream: grpc, rest };
    const mesh = { client, processes: { router, service } };
    progress('warming up');
    await warmUp(mesh, addresses, plan);
    const measured = [];
    for (const shape of shapesOf(plan))
      measured.push({ ...shape, ways: await measureShape({ mesh, addresses, plan, shape, progress }) });
    return reportIdentity(measured);
  } finally {
    await children.stop();
    await folder.remove();
  }
}

type Addresses = Readonly<Record<Way, string>>;

async function warmUp(mesh: Mesh, addresses: Addresses, { warmUp: calls, largeElements }: Plan): Promise<void> {
  for (const [elements, leastCalls] of [
    [1, calls.small],
    [largeElements, calls.large],
  ] as const) {
    for (const way of ways) {
      const load = { elements, leastCalls, concurrency: elements === 1 ? 16 : 2, durationMs: 0 };
      await measureWindow(mesh, { way, address: addresses[way], ...load });
    }
  }
}

interface ShapeOptions {
  readonly mesh: Mesh;
  readonly addresses: Addresses;
  readonly plan: Plan;
  readonly shape: Shape;
  readonly progress: BenchOptions['progress'];
}

/** Each way until it is stable, at most so many windows. */
async function measureShape({ mesh, addresses, plan, shape, progress }: ShapeOptions): Promise<readonly MeasuredWay[]> {
  const { elements, concurrency } = shape;
  const measured = ways.map((way) => ({ way, windows: [] as Window[] }));
  const [durationMs, mostWindows] =
    elements === 1 ? [plan.smallMs, plan.mostWindows.small] : [plan.largeMs, plan.mostWindows.large];
  for (let round = 0; round < mostWindows; round++) {
    const open = measured.filter(({ windows }) => !isStable(windows));
    if (open.length === 0) break;
    progress(
      `${elements} elements, ${concurrency} at a time: window ${round + 1} of ${open.map(({ way }) => way).join(', ')}`,
    );
    // Each round begins with another way, so that none always follows the same one.
    for (const at of open.keys()) {
      const { way, windows } = open[(at + round) % open.length] as (typeof open)[number];
      const load = { elements, concurrency, durationMs, leastCalls: concurrency };
      windows.push(await measureWindow(mesh, { way, address: addresses[way], ...load }));
    }
  }
  return measured;
}
