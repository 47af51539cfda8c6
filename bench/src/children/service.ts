// The custom service in a process of its own, started as its main.ts does, on a free port.
import { readSettings } from '@weft/config';
import { customSettings, startCustom } from '@weft/custom';
import { answerParent } from './answer-parent.ts';
import { quietTelemetry } from './telemetry.ts';

export interface ServiceOptions {
  readonly repository: string;
  readonly dataDirectory: string;
  /** Threads of one run; absent: the service's default. */
  readonly intraOpThreads?: number | undefined;
}

export type ServiceQuestions = {
  /** Starts it and waits for its models; answers its address. */
  start(options: ServiceOptions): Promise<string>;
};

let stop: () => Promise<void> = async () => {};

async function start({ repository, dataDirectory, intraOpThreads }: ServiceOptions): Promise<string> {
  const argv = ['--port', '0', '--metrics-port', '0', '--no-default-models'];
  argv.push('--model-repository', repository, '--data-directory', dataDirectory);
  if (intraOpThreads !== undefined) argv.push('--intra-op-threads', String(intraOpThreads));
  const telemetry = await quietTelemetry('custom');
  const service = await startCustom(readSettings(customSettings, { argv, env: {} }), telemetry);
  stop = async () => {
    await service.stop();
    await telemetry.stop();
  };
  const { models } = await service.ready;
  const failed = models.find((model) => model.state !== 'READY');
  if (failed !== undefined) throw new Error(`${failed.name} is ${failed.state}: ${failed.reason}`);
  return service.grpcAddress;
}

answerParent({ start } satisfies ServiceQuestions, () => stop());
