// What clients meet, in a router and in a service alike: the typed methods, ModelInfer and streams go as bytes through the engine,
// everything about models and readiness is answered from its inventory.
import { WeftError } from '@weft/errors';
import {
  Health,
  inferPath,
  registerReflection,
  type Reply,
  type RpcMethod,
  rpcMethods,
  type RpcServer,
  scanInferRequest,
  scanTypedRequest,
  streamInferPath,
} from '@weft/rpc';
import type { Instruments, Log, Tracing } from '@weft/telemetry';
import type { MeshAdmin } from './admin/mesh-admin.ts';
import type { Caller } from './engine/caller.ts';
import type { DispatchEngine } from './engine/engine.ts';
import { ensembles } from './ensembles/ensembles.ts';
import type { OpenInferenceAnswers } from './open-inference/answers.ts';
import { createAnswers } from './open-inference/create-answers.ts';
import { modelReady, requireName } from './open-inference/model-calls.ts';
import { registerAnswers } from './open-inference/register-answers.ts';
import { createResponseCache } from './response-cache/response-cache.ts';
import { observeCache } from './response-cache/observe-cache.ts';
import type { SharedMemory } from './shared-memory/shared-memory.ts';
import { sharedMemoryPath } from './shared-memory/shared-memory-path.ts';
import { createShuttle, type Shuttle } from './engine/shuttle.ts';
import { observeStatistics } from './statistics/observe-statistics.ts';
import type { StatisticsBook } from './statistics/statistics-book.ts';
import { InferStream } from './streams/infer-stream.ts';
import { observeLines } from './streams/observe-lines.ts';
import { serveTypedStream } from './streams/typed-stream.ts';
import { createStreamShuttle } from './streams/stream-shuttle.ts';
import type { Submit } from './engine/submit.ts';

export interface FrontOptions {
  readonly server: RpcServer;
  readonly engine: DispatchEngine;
  readonly serverName: string;
  readonly serverVersion: string;
  /** Full names of the typed services to offer: `weft.nlp.v1.NlpService`. */
  readonly typedServices: readonly string[];
  readonly ready: () => boolean;
  readonly tracing: Tracing;
  readonly metrics: Instruments;
  /** Of the answers of models that ask for it; 0: none are kept. */
  readonly responseCacheBytes: number;
  readonly log: Log;
  readonly statistics: StatisticsBook;
  /** Of the messages that an ensemble makes for its steps, as of the clients'. */
  readonly maxMessageBytes: number;
  /** Of a service that offers it to clients on its host. */
  readonly sharedMemory?: SharedMemory | undefined;
  /** Of a router: through it models are loaded and unloaded. */
  readonly admin?: MeshAdmin;
}

export interface Front {
  /** To be told when something changed, for its watchers. */
  readonly health: Health;
  /** For other ways in: the same calls, by the same path. */
  readonly shuttle: Shuttle;
  readonly answers: OpenInferenceAnswers;
  /** Ends the streams that have no end of their own: a server that stops waits for its streams. */
  readonly close: () => void;
  /** Unary calls that replicas answer, by the method's path: the typed ones and ModelInfer. */
  readonly calls: ReadonlyMap<string, UnaryCall>;
}

/** Takes the request's bytes, and replies once; not to a caller that is gone. Throws what is wrong with the request. */
export type UnaryCall = (payload: Buffer, caller: Caller, reply: Reply) => void;

/** Registers everything on the server. */
export function registerFront(options: FrontOptions): Front {
  const { server, engine, typedServices, ready, tracing, metrics, statistics } = options;
  const lines = () => engine.pipes.lines();
  observeStatistics(metrics, statistics, () => [
    ...engine.queues,
    ...lines().map(({ waiting: size, ...line }) => ({ ...line, size })),
  ]);
  observeLines(metrics, lines);
  const shuttle = createShuttle({ submit: submitPath(options), tracing, metrics });
  const stream = createStreamShuttle({ pipes: engine.pipes, tracing, metrics });
  const typed = { shuttle: stream, defaultModel: (path: string) => defaultModel(engine, path) };
  const calls = new Map<string, UnaryCall>();
  for (const method of rpcMethods().values()) {
    if (!typedServices.includes(method.service)) continue;
    if (method.requestStream || method.responseStream)
      server.stream(method.path, (client) => serveTypedStream(client, { ...method, ...typed }));
    else calls.set(method.path, typedCall(engine, method, shuttle));
  }
  calls.set(inferPath, (payload, caller, reply) => {
    const { model, version, firstDimension: rows, priority, timeoutUs, sequence } = scanInferRequest(payload);
    requireName(model);
    const timeoutMs = timeoutUs === 0 ? Number.POSITIVE_INFINITY : timeoutUs / 1000;
    shuttle({ payload, model, version, rows, priority, timeoutMs, sequence }, caller, reply);
  });
  for (const [path, call] of calls) server.rawUnary(path, call);
  server.pipe(streamInferPath, (requests, context, signal) => {
    const report = (error: WeftError): void => void server.report(streamInferPath, error);
    const { onUnsent } = server;
    const infer = { shuttle, stream, inventory: () => engine.inventory, report, onUnsent };
    return new InferStream(infer, context).answer(requests, signal);
  });
  const answers = createAnswers({ ...options, inventory: () => engine.inventory });
  registerAnswers(server, answers);
  const health = new Health((name) => {
    if (name === '') return ready();
    if (name === liveness) return true;
    if (typedServices.includes(name) || name === 'inference.GRPCInferenceService')
      return serviceReady(engine, name, ready);
    return engine.inventory.models.has(name) ? modelReady(engine.inventory, name, '') : undefined;
  });
  health.register(server);
  const closing = new AbortController();
  registerReflection(server, closing.signal);
  const close = (): void => {
    health.close();
    closing.abort();
  };
  return { health, shuttle, answers, calls, close };
}

/**
 * The health name of a process that works: whoever can answer is alive, whatever it loads, lacks or drains. A model of this name has no
 * health of its own.
 */
const liveness = 'liveness';

/** What a call passes on its way to a replica. */
function submitPath(options: FrontOptions): Submit {
  const { engine, metrics, statistics, responseCacheBytes, sharedMemory, maxMessageBytes } = options;
  const inner: Submit = (call) => engine.submit(call);
  const cache = { metrics, statistics, maxBytes: responseCacheBytes };
  const cached = responseCacheBytes === 0 ? inner : cachedPath(engine, inner, cache);
  // Before the cache, which knows when a model was loaded anew, but not of which models an ensemble is made.
  const path = ensembles({ ...options, nowMs: () => performance.now() }, cached);
  return sharedMemory === undefined ? path : sharedMemoryPath(path, sharedMemory, maxMessageBytes);
}

function cachedPath(
  engine: DispatchEngine,
  next: Submit,
  { metrics, statistics, maxBytes }: Pick<FrontOptions, 'metrics' | 'statistics'> & { readonly maxBytes: number },
): Submit {
  const cache = createResponseCache({
    next,
    inventory: () => engine.inventory,
    versionFor: (call) => engine.versionFor(call),
    maxBytes,
    nowMs: () => performance.now(),
    observer: observeCache(metrics, statistics, () => cache.bytes),
  });
  return cache.submit;
}

/** A typed service is ready when every default model of its methods is. */
function serviceReady(engine: DispatchEngine, name: string, ready: () => boolean): boolean {
  const { inventory } = engine;
  const defaults = [...inventory.methods].filter(([path]) => path.startsWith(`/${name}/`)).map(([, model]) => model);
  if (!name.startsWith('weft.')) return ready();
  return defaults.length > 0 && defaults.every((model) => modelReady(inventory, model, ''));
}

function typedCall(engine: DispatchEngine, { path, rowsField }: RpcMethod, shuttle: Shuttle): UnaryCall {
  return (payload, caller, reply) => {
    const scan = scanTypedRequest(payload, rowsField);
    const model = scan.model === '' ? defaultModel(engine, path) : scan.model;
    const { version, rows } = scan;
    shuttle({ payload, model, version, rows, priority: 0, timeoutMs: Number.POSITIVE_INFINITY }, caller, reply);
  };
}

function defaultModel(engine: DispatchEngine, path: string): string {
  const model = engine.inventory.methods.get(path);
  if (model === undefined) throw new WeftError('UNAVAILABLE', `no replica serves ${path}`);
  return model;
}
