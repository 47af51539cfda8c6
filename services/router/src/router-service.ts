// The router: clients in front, replicas of the model services behind. It forwards the clients' own bytes; what it
// knows of models it hears from the replicas, and what is wanted of them from the event log.
import { formatEndpoint, isLoopback, weftVersion } from '@weft/config';
import {
  allOrNothing,
  DispatchEngine,
  observeLanes,
  type OnFailure,
  RetiredVersions,
  type RunningService,
  registerAdmin,
  registerFront,
  StatisticsBook,
  observeUnsent,
} from '@weft/dispatch';
import { systemClock } from '@weft/flow';
import { createHttpServer } from '@weft/http';
import { type EventLog, openEventLog } from '@weft/models';
import { createGate, createServerCredentials, openTokenFile, RpcServer, rpcMethods } from '@weft/rpc';
import { createMetrics, type Telemetry } from '@weft/telemetry';
import type { RouterSettings } from './config.ts';
import { followModels } from './follow-models.ts';
import { followReplicas } from './follow-replicas.ts';

/**
 * Starts following the replicas, and listens once the event log has told what it holds, or why it cannot, 3 s at most. `ready`
 * resolves once each endpoint was reached or has refused, and each name was resolved or cannot be: the router is ready whatever
 * the models do, a dead service must not take the mesh down.
 */
export function startRouter(
  settings: RouterSettings,
  telemetry: Pick<Telemetry, 'log' | 'tracing'>,
  given: GivenParts = {},
): Promise<RunningService> {
  return allOrNothing((onFailure) => start(settings, telemetry, { ...given, onFailure }));
}

interface GivenParts {
  /** Instead of the one that the settings name; stays its owner's to close. */
  readonly eventLog?: EventLog;
}

async function start(
  settings: RouterSettings,
  { log, tracing }: Pick<Telemetry, 'log' | 'tracing'>,
  { onFailure, ...given }: GivenParts & { readonly onFailure: OnFailure },
): Promise<RunningService> {
  const { bind, maxMessageBytes, maxQueueSize, maxBatchBytes, drainTimeout } = settings;
  const listener = createServerCredentials(settings);
  const tokens =
    settings.tokenFile === undefined
      ? undefined
      : openTokenFile(settings.tokenFile, { onError: (error) => log.error('gate.tokens', { error }) });
  const gate = createGate({
    boundToLoopback: isLoopback(bind),
    tokens,
    tls: listener.tls,
    mutualTls: listener.mutualTls,
  });
  const metrics = await createMetrics({
    component: 'router',
    version: weftVersion,
    host: bind,
    port: settings.metricsPort ?? 0,
    log,
  });
  onFailure(() => metrics.stop());
  const onUnsent = observeUnsent(metrics);
  const server = new RpcServer({
    gate,
    credentials: listener.credentials,
    maxMessageBytes,
    log,
    maxConnectionAgeMs: settings.maxConnectionAge,
    maxConnectionAgeGraceMs: settings.maxConnectionAgeGrace,
    onUnsent,
  });
  onFailure(() => server.stop(0));
  const shadows = metrics.counter('weft_shadow_total', 'Copies of requests for shadow versions, by what came of them', [
    'model',
    'version',
    'outcome',
  ]);
  const statistics = new StatisticsBook(systemClock.now(), Date.now());
  const retired = new RetiredVersions({ clock: systemClock, statistics, metrics });
  const engine = new DispatchEngine({
    clock: systemClock,
    maxQueueSize,
    maxQueueBytes: maxMessageBytes * 8,
    maxBatchBytes: Math.min(maxBatchBytes, maxMessageBytes),
    observer: {
      lane: observeLanes(metrics, log),
      counts: (model, version) => statistics.of(model, version),
      onInventory: (inventory) => {
        health.changed();
        models.changed();
        retired.keepOnly(inventory.models);
      },
      onShadow: (model, version, outcome) => shadows.with(model, version, outcome).add(),
      onDetached: (model, reason) => log.warn('attach.lost', { model, reason }),
    },
  });
  onFailure(() => engine.stop());
  metrics.observeGauge('weft_dispatch_waiting', 'Requests that wait for a replica', {
    labels: [],
    observe: (report) => report(engine.waiting),
  });
  const eventLog = given.eventLog ?? openEventLog(settings, { writes: true, log });
  const closeLog = async (): Promise<void> => {
    if (given.eventLog === undefined) await eventLog.close();
  };
  onFailure(closeLog);
  const models = followModels(settings, { eventLog, engine, log, metrics });
  const stopping = new AbortController();
  onFailure(() => models.stop());
  let ready = false;
  let draining = false;
  const typedServices = [...new Set([...rpcMethods().values()].map((method) => method.service).filter(isTyped))];
  const front = registerFront({
    server,
    engine,
    serverName: 'weft',
    serverVersion: weftVersion,
    typedServices,
    ready: () => ready && !draining,
    tracing,
    metrics,
    responseCacheBytes: settings.responseCacheBytes,
    log,
    statistics,
    maxMessageBytes,
    admin: models.admin,
  });
  const { health, close } = front;
  const http = settings.http
    ? createHttpServer({
        gate,
        boundToLoopback: isLoopback(bind),
        tls: listener.files,
        maxMessageBytes,
        front,
        log,
      })
    : undefined;
  onFailure(() => http?.stop(0));
  registerAdmin(server, models.admin, stopping.signal);
  const told = models.start();
  const replicas = followReplicas(settings, { engine, log, onUnsent });
  onFailure(() => replicas.stop());
  metrics.observeGauge('weft_router_replicas', 'Replicas that the endpoints name, by whether they are connected', {
    labels: ['state'],
    observe: (report) => Object.entries(replicas.counts).forEach(([state, count]) => report(count, state)),
  });
  // Who came before would be served by the newest version, whatever share that has.
  await told;
  const port = await server.listen(bind, settings.port ?? 0);
  const httpPort = await http?.listen(bind, settings.httpPort);
  const grpcAddress = formatEndpoint({ host: bind, port });
  const httpAddress = httpPort === undefined ? undefined : formatEndpoint({ host: bind, port: httpPort });
  log.info('router.listening', {
    address: grpcAddress,
    ...(httpAddress === undefined ? {} : { http: httpAddress }),
    metrics: metrics.url,
    endpoints: settings.endpoints,
  });
  return {
    name: 'router',
    grpcAddress,
    httpAddress,
    metricsAddress: metrics.url,
    health,
    ready: replicas.contacted.then(() => {
      ready = true;
      health.changed();
      return { models: [], failedDefaults: [] };
    }),
    async stop() {
      log.info('router.draining');
      draining = true;
      health.changed();
      close();
      stopping.abort();
      await Promise.all([server.stop(drainTimeout), http?.stop(drainTimeout)]);
      engine.stop();
      replicas.stop();
      await models.stop();
      await closeLog();
      await metrics.stop();
    },
  };
}

/** Services with a typed API: what clients call, not the mesh's own. */
function isTyped(service: string): boolean {
  return service.startsWith('weft.') && !service.startsWith('weft.executor.') && !service.startsWith('weft.router.');
}
