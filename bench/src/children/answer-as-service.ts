// A model service as a child of a bench: started by the function that its main.ts calls, on free ports.
import type { RunningService } from '@weft/runtime/service';
import type { Telemetry } from '@weft/telemetry';
import type { Questions } from '../forked-child.ts';
import { answerParent } from './answer-parent.ts';
import { quietTelemetry } from './telemetry.ts';

export interface ServiceOptions {
  /** A model repository to serve in place of the default models; absent: those. */
  readonly repository?: string | undefined;
  readonly dataDirectory: string;
  /** Threads of one run; absent: the service's default. */
  readonly intraOpThreads?: number | undefined;
}

export type ServiceQuestions = {
  /** Starts it and waits for its models; answers its address. */
  start(options: ServiceOptions): Promise<string>;
};

/** Reads its settings from these arguments and starts. */
type StartService = (argv: readonly string[], telemetry: Telemetry) => Promise<RunningService>;

export function answerAsService(name: string, startService: StartService, more: Questions = {}): void {
  let stop: () => Promise<void> = async () => {};
  const start = async (options: ServiceOptions): Promise<string> => {
    const telemetry = await quietTelemetry(name);
    const service = await startService(argumentsOf(options), telemetry);
    stop = async () => {
      await service.stop();
      await telemetry.stop();
    };
    const { models } = await service.ready;
    const failed = models.find((model) => model.state !== 'READY');
    if (failed !== undefined) throw new Error(`${failed.name} is ${failed.state}: ${failed.reason}`);
    return service.grpcAddress;
  };
  answerParent({ ...more, start } satisfies ServiceQuestions & Questions, () => stop());
}

function argumentsOf({ repository, dataDirectory, intraOpThreads }: ServiceOptions): string[] {
  const argv = ['--port', '0', '--metrics-port', '0', '--data-directory', dataDirectory];
  if (repository !== undefined) argv.push('--no-default-models', '--model-repository', repository);
  if (intraOpThreads !== undefined) argv.push('--intra-op-threads', String(intraOpThreads));
  return argv;
}
