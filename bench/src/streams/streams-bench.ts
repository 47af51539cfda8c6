// What a message of a stream costs the router: streams that give back what they get, through the router, and in their place a bare
// grpc-js echo. Both in one run and in turns, so that whatever else the machine does falls on both; what counts is the ratio
// within a round. A message is one that goes and the one that comes back.
import { rpcMethod } from '@weft/rpc';
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { createChildGroup } from '../child-group.ts';
import type { EchoQuestions } from '../children/echo.ts';
import type { RouterQuestions } from '../children/router.ts';
import type { ServiceQuestions } from '../children/answer-as-service.ts';
import type { StreamClientQuestions } from '../children/stream-client.ts';
import type { ProcessQuestions } from '../children/answer-parent.ts';
import { echoStreamPath } from '../echo-path.ts';
import type { ForkedChild } from '../forked-child.ts';
import { identityModel } from '../overhead/identity-model.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { median, repeated, rounded } from '../statistics.ts';
import { answerText } from './stream-payload.ts';

const videoPath = '/weft.vision.v1.VisionService/AnalyzeVideo';
const shape = { streams: 16, window: 32 };
const mostRatio = 2.5;
const full = { rounds: 15, durationMs: 1_000, warmUpMs: 20_000 };
const short = { rounds: 3, durationMs: 400, warmUpMs: 1_500 };

export const streamsBench: Bench = {
  name: 'streams',
  about: 'CPU of the router for a message of a stream, beside a bare grpc-js bidirectional echo',
  run,
};

type Child = Pick<ForkedChild<ProcessQuestions>, 'ask'>;
type StreamClient = ForkedChild<StreamClientQuestions & ProcessQuestions>;

interface Target {
  readonly name: 'echo' | 'router';
  readonly address: string;
  readonly path: string;
  readonly process: Child;
}

interface Measured {
  /** Microseconds of the process for one message. */
  readonly cpuUs: number;
  readonly messagesPerSecond: number;
  /** Of a core that does nothing else. */
  readonly messagesPerCore: number;
  readonly failures: number;
}

async function run({ progress, profileDirectory, quick }: BenchOptions): Promise<BenchReport> {
  const model = { ...identityModel, name: 'echo', parameters: { 'weft.task': 'echo' } };
  const folder = await createScratchFolder([model]);
  const children = createChildGroup(profileDirectory);
  const { rounds, durationMs, warmUpMs } = quick ? short : full;
  try {
    progress('starting echo, service, router and client');
    const echo = children.start<EchoQuestions>('echo');
    const service = children.start<ServiceQuestions>('echo-stream-service');
    const router = children.start<RouterQuestions>('router');
    const client = children.start<StreamClientQuestions>('stream-client');
    const { repository, dataDirectory } = folder;
    const serviceAddress = await service.ask('start', { repository, dataDirectory });
    const targets: readonly Target[] = [
      { name: 'echo', address: await echo.ask('start'), path: echoStreamPath, process: echo },
      { name: 'router', address: await router.ask('start', [serviceAddress]), path: videoPath, process: router },
    ];
    const payload = rpcMethod(videoPath).encodeRequest({
      model: 'echo',
      frameId: 1,
      image: { encoded: Buffer.from(answerText) },
    });
    const measure = (target: Target, forMs: number): Promise<Measured> =>
      measureTarget(client, target, { payload, forMs });
    progress('warming up');
    for (const target of targets) await measure(target, warmUpMs);
    const measured: Record<Target['name'], Measured[]> = { echo: [], router: [] };
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      const order = round % 2 === 0 ? targets : [...targets].reverse();
      for (const target of order) measured[target.name].push(await measure(target, durationMs));
    }
    return reportOf(measured, payload.length);
  } finally {
    await children.stop();
    await folder.remove();
  }
}

async function measureTarget(
  client: StreamClient,
  { address, path, process }: Target,
  { payload, forMs }: { readonly payload: Uint8Array; readonly forMs: number },
): Promise<Measured> {
  const before = await process.ask('cpuUs');
  const result = await client.ask('load', { address, path, payload, ...shape, durationMs: forMs });
  const cpuUs = ((await process.ask('cpuUs')) - before) / result.messages;
  return {
    cpuUs: rounded(cpuUs),
    messagesPerSecond: rounded((result.messages / result.elapsedMs) * 1000),
    messagesPerCore: rounded(1_000_000 / cpuUs),
    failures: result.failures,
  };
}

function reportOf(measured: Readonly<Record<Target['name'], readonly Measured[]>>, payloadBytes: number): BenchReport {
  const ratio = repeated(
    measured.echo.map((echo, round) => rounded((measured.router[round] as Measured).cpuUs / echo.cpuUs)),
  );
  const failures = [...measured.echo, ...measured.router].reduce((sum, each) => sum + each.failures, 0);
  const labels = { echo: 'bare grpc-js echo', router: 'through the router' };
  const rows = (['echo', 'router'] as const).map((name) => {
    const of = (figure: keyof Measured): string =>
      median(measured[name].map((each) => each[figure])).toFixed(figure === 'cpuUs' ? 1 : 0);
    return [labels[name], of('messagesPerSecond'), of('cpuUs'), of('messagesPerCore')];
  });
  return {
    figures: { payloadBytes, ...shape, ratio, measured },
    tables: [
      {
        title: `${shape.streams} streams with ${shape.window} messages each on their way, medians of ${measured.echo.length} rounds; CPU of the echo or the router alone`,
        columns: ['', 'messages/s', 'µs a message', 'messages/s per core'],
        rows,
      },
      {
        title: 'Within a round, median (least–most)',
        columns: ['', 'ratio'],
        rows: [
          ['router CPU ÷ echo CPU', `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`],
        ],
      },
    ],
    verdicts: [
      {
        target: `router CPU for a message of a stream: at most ${mostRatio} × the bare echo's`,
        measured: `${ratio.median.toFixed(2)} ×`,
        met: ratio.median <= mostRatio,
      },
    ],
    invalid: failures === 0 ? [] : [`${failures} streams failed`],
  };
}
