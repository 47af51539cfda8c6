// A model service: everything that nlp, vision, generator and custom have in common, which is all but their tasks, their
// models and their proto. Composes the executor over the service's models, an engine over the executor, and a gRPC server
// with the same front as the router's, so that a service can be called directly.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type ArtifactSettings,
  type EventLogSettings,
  formatEndpoint,
  isLoopback,
  type LimitSettings,
  type ModelSettings,
  type ServerSettings,
  weftVersion,
} from '@weft/config';
import {
  allOrNothing,
  DispatchEngine,
  observeLanes,
  observeUnsent,
  type OnFailure,
  registerFront,
  RetiredVersions,
  SharedMemory,
  StatisticsBook,
} from '@weft/dispatch';
import { systemClock } from '@weft/flow';
import {
  diskModel,
  type EventLog,
  LastKnown,
  openEventLog,
  openVersionStore,
  readDiskModel,
  scanRepositories,
} from '@weft/models';
import { createGate, createServerCredentials, openTokenFile, RpcServer } from '@weft/rpc';
import { createMetrics, type Telemetry } from '@weft/telemetry';
import { versionCreator } from './create-version.ts';
import { versionPlacer } from './place-version.ts';
import { Executor } from './executor/executor.ts';
import { registerExecutor } from './executor/executor-service.ts';
import { joinExecutor } from './executor/join-executor.ts';
import { SpareWorker } from './executor/spare-worker.ts';
import { LoadQueue } from './lifecycle/load-queue.ts';
import { ModelLifecycle } from './lifecycle/model-lifecycle.ts';
import type { RunningService } from '@weft/dispatch';

export interface ModelServiceOptions {
  readonly name: string;
  /** Module that calls serveInstance. */
  readonly workerEntry: URL;
  /** JSON file: path of typed method → default model. */
  readonly defaults: URL | undefined;
  /** Full names of the typed services it offers. */
  readonly typedServices: readonly string[];
  /** The repository that ships with weft. */
  readonly defaultRepository: string;
  /** Folders from which `npm:` references are resolved. */
  readonly npmRoots: readonly string[];
  readonly settings: ServerSettings & ModelSettings & LimitSettings & EventLogSettings & ArtifactSettings;
  readonly telemetry: Pick<Telemetry, 'log' | 'tracing'>;
  /** Instead of the one that the settings name; stays open. */
  readonly eventLog?: EventLog;
}

/** Starts listening and loading. Rejects when a repository is unreadable or the port is taken; `ready` tells how loading went. */
export function startModelService(options: ModelServiceOptions): Promise<RunningService> {
  return allOrNothing((onFailure) => start(options, onFailure));
}

async function start(options: ModelServiceOptions, onFailure: OnFailure): Promise<RunningService> {
  const { name, settings, telemetry, typedServices } = options;
  const { log, tracing } = telemetry;
  const { maxMessageBytes, bind } = settings;
  const repositories = {
    defaultRepository: settings.defaultModels ? options.defaultRepository : undefined,
    repositories: settings.modelRepository,
  };
  const own = scanRepositories(repositories).filter((model) => model.service === name);
  const defaults = settings.defaultModels && options.defaults !== undefined ? readDefaults(options.defaults) : {};
  const loopback = isLoopback(bind);
  const listener = createServerCredentials(settings);
  const tokens =
    settings.tokenFile === undefined
      ? undefined
      : openTokenFile(settings.tokenFile, { onError: (error) => log.error('gate.tokens', { error }) });
  const gate = createGate({ boundToLoopback: loopback, tokens, tls: listener.tls, mutualTls: listener.mutualTls });
  const metrics = await createMetrics({
    component: name,
    version: weftVersion,
    host: bind,
    port: settings.metricsPort ?? 0,
    log,
  });
  onFailure(() => metrics.stop());
  const server = new RpcServer({
    gate,
    credentials: listener.credentials,
    maxMessageBytes,
    log,
    maxConnectionAgeMs: settings.maxConnectionAge,
    maxConnectionAgeGraceMs: settings.maxConnectionAgeGrace,
    onUnsent: observeUnsent(metrics),
  });
  onFailure(() => server.stop(0));
  const eventLog = options.eventLog ?? openEventLog(settings, { writes: false, log });
  const closeLog = async (): Promise<void> => {
    if (options.eventLog === undefined) await eventLog.close();
  };
  onFailure(closeLog);
  // What an embedded log keeps need not be kept twice.
  const localArtifacts =
    settings.nats.length === 0 ? { localArtifacts: join(settings.dataDirectory, 'artifacts') } : {};
  const { npmRoots } = options;
  const store = openVersionStore({ settings, service: name, npmRoots, depot: eventLog.artifacts, ...localArtifacts });
  onFailure(() => store.close());
  const workers = new SpareWorker(options.workerEntry, systemClock);
  onFailure(() => workers.close());
  const release = async (): Promise<void> => {
    workers.close();
    await store.close();
    await closeLog();
    await metrics.stop();
  };
  const statistics = new StatisticsBook(systemClock.now(), Date.now());
  const retired = new RetiredVersions({ clock: systemClock, statistics, metrics });
  const create = versionCreator({ ...options, workers, metrics, statistics });
  const lastKnown = new LastKnown(join(settings.dataDirectory, name, 'last-known'), log);
  const loadConcurrency = Math.min(settings.loadConcurrency, Math.max(1, availableParallelism()));
  const executor = new Executor({
    service: name,
    defaults,
    lifecycle: (events) =>
      new ModelLifecycle(
        {
          service: name,
          disk: own.map((model) => diskModel(model, npmRoots)),
          readDisk: (model) => readDiskModel(repositories, model, npmRoots),
          eventLog,
          signedOnly: settings.trustedKeys.length > 0,
          lastKnown,
          loading: {
            place: versionPlacer(store),
            create,
            placing: new LoadQueue(loadConcurrency),
            loading: new LoadQueue(loadConcurrency),
            clock: systemClock,
            log,
          },
          sweep: (needed) => void store.sweep(needed).catch((error: unknown) => log.warn('artifacts.sweep', { error })),
          clock: systemClock,
          log,
        },
        events,
      ),
    maxMessageBytes,
    log,
  });
  const engine = new DispatchEngine({
    clock: systemClock,
    maxQueueSize: directQueueSize,
    maxQueueBytes: maxMessageBytes * 8,
    maxBatchBytes: maxMessageBytes,
    observer: {
      lane: observeLanes(metrics, log),
      counts: (model, version) => statistics.ofOwnQueue(model, version),
      onInventory: (inventory) => {
        health.changed();
        retired.keepOnly(inventory.models);
      },
      onDetached: (model, reason) => log.warn('attach.lost', { model, reason }),
    },
  });
  onFailure(() => engine.stop());
  const ready = (): boolean => executor.ready;
  const { health, close } = registerFront({
    server,
    engine,
    serverName: 'weft',
    serverVersion: weftVersion,
    typedServices,
    ready,
    tracing,
    metrics,
    responseCacheBytes: settings.responseCacheBytes,
    log,
    statistics,
    maxMessageBytes,
    sharedMemory: settings.systemSharedMemory ? new SharedMemory() : undefined,
  });
  registerExecutor(server, executor);
  const port = await server.listen(bind, settings.port ?? 0);
  joinExecutor(engine, executor);
  const grpcAddress = formatEndpoint({ host: bind, port });
  log.info('service.listening', { address: grpcAddress, metrics: metrics.url });
  const loaded = executor.load().then(() => ({ models: executor.report(), failedDefaults: executor.failedDefaults() }));
  return {
    name,
    grpcAddress,
    metricsAddress: metrics.url,
    health,
    ready: loaded,
    async stop() {
      log.info('service.draining');
      const started = performance.now();
      const finished = await executor.drain(settings.drainTimeout);
      if (!finished) log.warn('service.drain_timeout', { afterMs: settings.drainTimeout });
      close();
      await server.stop(Math.max(lastWordMs, settings.drainTimeout - (performance.now() - started)));
      engine.stop();
      await release();
    },
  };
}

function readDefaults(file: URL): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
}

/** Answers that are written get this long to leave, even when draining took all its time. */
const lastWordMs = 500;

/** Calls made directly on a service wait here; most come through a router, which has a queue of its own. */
const directQueueSize = 1024;
