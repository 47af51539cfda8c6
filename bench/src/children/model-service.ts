// One of the services that own the default models, in a process of its own: started as its main.ts does, with all its
// models, on a free port.
import { readSettings } from '@weft/config';
import { generatorSettings, startGenerator } from '@weft/generator';
import { nlpSettings, startNlp } from '@weft/nlp';
import { startVision, visionSettings } from '@weft/vision';
import { answerParent } from './answer-parent.ts';
import { quietTelemetry } from './telemetry.ts';

export type ModelServiceName = 'nlp' | 'vision' | 'generator';

export interface ModelServiceOptions {
  readonly service: ModelServiceName;
  readonly dataDirectory: string;
}

export type ModelServiceQuestions = {
  /** Starts it and waits until each of its models has become READY or failed; answers its address. */
  start(options: ModelServiceOptions): Promise<string>;
};

const starters = {
  nlp: (argv: readonly string[], telemetry: Telemetry) =>
    startNlp(readSettings(nlpSettings, { argv, env: {} }), telemetry),
  vision: (argv: readonly string[], telemetry: Telemetry) =>
    startVision(readSettings(visionSettings, { argv, env: {} }), telemetry),
  generator: (argv: readonly string[], telemetry: Telemetry) =>
    startGenerator(readSettings(generatorSettings, { argv, env: {} }), telemetry),
} as const;

type Telemetry = Awaited<ReturnType<typeof quietTelemetry>>;

let stop: () => Promise<void> = async () => {};

async function start({ service, dataDirectory }: ModelServiceOptions): Promise<string> {
  const argv = ['--port', '0', '--metrics-port', '0', '--data-directory', dataDirectory];
  const telemetry = await quietTelemetry(service);
  const running = await starters[service](argv, telemetry);
  stop = async () => {
    await running.stop();
    await telemetry.stop();
  };
  await running.ready;
  return running.grpcAddress;
}

answerParent({ start } satisfies ModelServiceQuestions, () => stop());
