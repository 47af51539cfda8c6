// A router and model services in this process, on free ports, with real gRPC between them. Their logs are kept.
import { readSettings } from '@weft/config';
import { customSettings, startCustom } from '@weft/custom';
import type { RunningService } from '@weft/dispatch';
import { generatorSettings, startGenerator } from '@weft/generator';
import type { EventLog } from '@weft/models';
import { MemoryEventLog } from '@weft/models/testing';
import { nlpSettings, startNlp } from '@weft/nlp';
import { routerSettings, startRouter } from '@weft/router';
import { startModelService as startService } from '@weft/runtime/service';
import { startTelemetry, type Telemetry } from '@weft/telemetry';
import { startVision, visionSettings } from '@weft/vision';
import { temporaryFolder } from './author-models.ts';
import { type Dialled, dial, type DialOptions } from './dial.ts';

export type LogLine = Readonly<Record<string, unknown>>;

export interface StartedService {
  readonly address: string;
  readonly service: RunningService;
  readonly lines: readonly LogLine[];
  /** The first line of this event, or the nth, once it is there. */
  logged(event: string, nth?: number): Promise<LogLine>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Beside free ports. */
  readonly args?: readonly string[];
  readonly otlpEndpoint?: string;
  /** Of a router: one of its own by default, in memory. */
  readonly eventLog?: EventLog;
}

type Start = (argv: readonly string[], telemetry: Telemetry) => Promise<RunningService>;

const modelServices = {
  streaming: (argv, telemetry) =>
    startService({
      name: 'custom',
      workerEntry: new URL('./streaming-worker.js', import.meta.url),
      defaults: undefined,
      typedServices: ['weft.nlp.v1.NlpService', 'weft.vision.v1.VisionService'],
      defaultRepository: '',
      npmRoots: [],
      settings: readSettings(customSettings, { argv, env: {} }),
      telemetry,
    }),
  video: (argv, telemetry) =>
    startService({
      name: 'custom',
      workerEntry: new URL('./video-worker.js', import.meta.url),
      defaults: undefined,
      typedServices: ['weft.vision.v1.VisionService'],
      defaultRepository: '',
      npmRoots: [],
      settings: readSettings(customSettings, { argv, env: {} }),
      telemetry,
    }),
  custom: (argv, telemetry) => startCustom(readSettings(customSettings, { argv, env: {} }), telemetry),
  nlp: (argv, telemetry) => startNlp(readSettings(nlpSettings, { argv, env: {} }), telemetry),
  generator: (argv, telemetry) => startGenerator(readSettings(generatorSettings, { argv, env: {} }), telemetry),
  vision: (argv, telemetry) => startVision(readSettings(visionSettings, { argv, env: {} }), telemetry),
} satisfies Record<string, Start>;

/** A model service on one repository; resolves when it listens, which may be before its models are READY. */
export function startModelService(
  name: keyof typeof modelServices,
  repository: string,
  { args = [], ...options }: StartOptions = {},
): Promise<StartedService> {
  const own = ['--no-default-models', '--model-repository', repository, '--data-directory', repository, ...args];
  return start(name, modelServices[name], { ...options, args: own });
}

/** A router over these endpoints; resolves when it has reached each of them, or failed to. */
export async function startRouterOver(
  endpoints: readonly string[],
  { args = [], eventLog = new MemoryEventLog(), ...options }: StartOptions = {},
): Promise<StartedService> {
  const folder = temporaryFolder();
  const own = [
    '--http-port=0',
    '--data-directory',
    folder.path,
    ...endpoints.flatMap((endpoint) => ['--endpoints', endpoint]),
    ...args,
  ];
  const serve: Start = (argv, telemetry) =>
    startRouter(readSettings(routerSettings, { argv, env: {} }), telemetry, { eventLog });
  const router = await start('router', serve, { ...options, args: own });
  await router.service.ready;
  return {
    ...router,
    async stop() {
      await router.stop();
      folder.remove();
    },
  };
}

async function start(
  component: string,
  serve: Start,
  { args = [], otlpEndpoint }: StartOptions,
): Promise<StartedService> {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const destination = {
    write(line: string) {
      lines.push(JSON.parse(line) as LogLine);
      for (const wake of waiting) wake();
    },
  };
  const telemetry = await startTelemetry({ component, version: '0', destination, otlpEndpoint });
  const service = await serve(['--port', '0', '--metrics-port', '0', ...args], telemetry);
  return {
    address: service.grpcAddress,
    service,
    lines,
    async logged(event, nth = 1) {
      for (;;) {
        const found = lines.filter((line) => line['event'] === event)[nth - 1];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
    async stop() {
      await service.stop();
      await telemetry.stop();
    },
  };
}

export interface LocalMesh {
  readonly custom: StartedService;
  readonly router: StartedService;
  /** A client of the router, and one of the service itself. */
  readonly client: Dialled;
  readonly direct: Dialled;
  stop(): Promise<void>;
}

export interface MeshOptions extends DialOptions {
  readonly custom?: StartOptions;
  readonly router?: StartOptions;
}

/** A custom service with its models loaded, behind a router that knows of it. */
export async function startLocalMesh(repository: string, options: MeshOptions = {}): Promise<LocalMesh> {
  const custom = await startModelService('custom', repository, options.custom);
  await custom.service.ready;
  const router = await startRouterOver([custom.address], options.router);
  const client = dial(router.address, options);
  const direct = dial(custom.address, options);
  return {
    custom,
    router,
    client,
    direct,
    async stop() {
      client.close();
      direct.close();
      await router.stop();
      await custom.stop();
    },
  };
}
