// The mesh that the clients meet: a router, two replicas of the custom service and one of nlp, each a process of its own on free
// ports, with a nats-server between them, over a model repository that was written for Triton.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startNatsServer } from '@weft/models/testing';
import { temporaryFolder } from '../testing/author-models.ts';
import { startOtlpReceiver } from '../testing/otlp-receiver.ts';
import { endProcess, type StartedProcess, startProcess } from '../testing/start-process.ts';
import { modelThatFails, writeFileToLoad, writeTritonRepository } from './triton-repository.ts';

export interface ConformanceMesh {
  /** host:port of the router's gRPC. */
  readonly grpc: string;
  /** host:port of the router's HTTP; empty where it has none. */
  readonly http: string;
  /** host:port of one replica's gRPC: it offers shared memory. */
  readonly service: string;
  /** An ONNX model that a client may send along with a load. */
  readonly modelFile: string;
  /** For what clients leave behind. */
  readonly folder: string;
  /** What a process said beside its log, and its lines of level error but those that must be. */
  complaints(): string[];
  stop(): Promise<void>;
}

const anyPorts = ['--port', '0', '--metrics-port', '0'];

export async function startConformanceMesh(progress: (line: string) => void): Promise<ConformanceMesh> {
  const folder = temporaryFolder();
  const ends: (() => Promise<void> | void)[] = [() => folder.remove()];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= endAll(ends));
  ends.push(stopOnSignal(stop));
  try {
    const repository = join(folder.path, 'triton');
    await mkdir(repository);
    await writeTritonRepository(repository);
    const modelFile = join(folder.path, 'sent.onnx');
    await writeFileToLoad(modelFile);
    const collector = await startOtlpReceiver();
    ends.push(() => collector.stop());
    const nats = await startNatsServer();
    ends.push(() => nats.close());
    const everywhere = ['--nats', nats.url, '--otlp-endpoint', collector.endpoint];
    const processes: StartedProcess[] = [];
    const start = (name: string, ...args: string[]): StartedProcess => {
      const dataDirectory = join(folder.path, `${name}-${processes.length}`);
      const started = startProcess(name, [...everywhere, '--data-directory', dataDirectory, ...args]);
      ends.push(() => endProcess(started));
      processes.push(started);
      return started;
    };
    progress('starting a router, two replicas of the custom service, and nlp');
    const custom = [...anyPorts, '--no-default-models', '--model-repository', repository, '--system-shared-memory'];
    const services = [start('custom', ...custom), start('custom', ...custom), start('nlp', ...anyPorts)];
    const addresses = await Promise.all(
      services.map(async (service) => String((await service.logged('service.listening'))['address'])),
    );
    await Promise.all(services.map((service) => service.logged('service.ready')));
    const endpoints = addresses.flatMap((address) => ['--endpoints', address]);
    const router = start('router', ...anyPorts, '--http-port', '0', ...endpoints);
    const listening = await router.logged('router.listening');
    await router.logged('service.ready');
    return {
      grpc: String(listening['address']),
      http: typeof listening['http'] === 'string' ? listening['http'] : '',
      service: addresses[0] ?? '',
      modelFile,
      folder: folder.path,
      complaints: () =>
        processes.flatMap(({ text, lines }) => [
          ...text,
          ...lines
            .filter(({ level, model }) => level === 'error' && model !== modelThatFails)
            .map((line) => JSON.stringify(line)),
        ]),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The latest first; what is added meanwhile too. */
async function endAll(ends: (() => Promise<void> | void)[]): Promise<void> {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
}

/** Nothing is left behind by a run that is broken off, while it starts too. The returned function lifts that again. */
function stopOnSignal(stop: () => Promise<void>): () => void {
  const lifts = Object.entries({ SIGINT: 130, SIGTERM: 143 }).map(([signal, code]) => {
    const onSignal = (): void => void stop().finally(() => process.exit(code));
    process.once(signal, onSignal);
    return () => void process.off(signal, onSignal);
  });
  return () => {
    for (const lift of lifts) lift();
  };
}
