// What clients meet, in a router and in a service alike: the typed methods and ModelInfer go as bytes through the engine,
// everything about models and readiness is answered from its inventory.
import { toWeftError, WeftError } from '@weft/errors';
import {
  type CallContext,
  Health,
  type Reply,
  type RpcMethod,
  type RpcServer,
  rpcMethods,
  scanInferRequest,
  scanTypedRequest,
  withPriority,
} from '@weft/rpc';
import type { Counter, Instruments, Tracing } from '@weft/telemetry';
import type { MeshAdmin } from './admin/mesh-admin.ts';
import { registerRepositoryCalls } from './admin/repository-calls.ts';
import type { DispatchEngine } from './engine.ts';
import { modelReady, registerOpenInference, requireName } from './open-inference.ts';
import type { Answer, Call } from './pending-call.ts';

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
  /** Of a router: through it models are loaded and unloaded. */
  readonly admin?: MeshAdmin;
}

interface Request extends Pick<Call, 'payload' | 'model' | 'version' | 'rows' | 'timeoutMs'> {
  /** 0: what the caller's identity says. */
  readonly priority: number;
}

/** Registers everything on the server; the result tells the watchers of health that something changed. */
export function registerFront(options: FrontOptions): Health {
  const { server, engine, typedServices, ready } = options;
  const shuttle = createShuttle(options);
  for (const method of rpcMethods().values())
    if (typedServices.includes(method.service)) registerTyped(options, method, shuttle);
  server.rawUnary('/inference.GRPCInferenceService/ModelInfer', (payload, context, reply) => {
    const { model, version, firstDimension: rows, priority, timeoutUs } = scanInferRequest(payload);
    requireName(model);
    const timeoutMs = timeoutUs === 0 ? Number.POSITIVE_INFINITY : timeoutUs / 1000;
    shuttle({ payload, model, version, rows, priority, timeoutMs }, context, reply);
  });
  registerOpenInference(server, { ...options, inventory: () => engine.inventory });
  registerRepositoryCalls(server, options.admin);
  const health = new Health((name) => {
    if (name === '') return ready();
    if (typedServices.includes(name) || name === 'inference.GRPCInferenceService')
      return serviceReady(engine, name, ready);
    return engine.inventory.models.has(name) ? modelReady(engine.inventory, name, '') : undefined;
  });
  health.register(server);
  return health;
}

/** A typed service is ready when every default model of its methods is. */
function serviceReady(engine: DispatchEngine, name: string, ready: () => boolean): boolean {
  const { inventory } = engine;
  const defaults = [...inventory.methods].filter(([path]) => path.startsWith(`/${name}/`)).map(([, model]) => model);
  if (!name.startsWith('weft.')) return ready();
  return defaults.length > 0 && defaults.every((model) => modelReady(inventory, model, ''));
}

function registerTyped({ server, engine }: FrontOptions, method: RpcMethod, shuttle: Shuttle): void {
  const { path, rowsField } = method;
  if (method.requestStream || method.responseStream) {
    server.refuse(method, new WeftError('UNIMPLEMENTED', `${path} is not served: streaming calls are not offered yet`));
    return;
  }
  server.rawUnary(path, (payload, context, reply) => {
    const scan = scanTypedRequest(payload, rowsField);
    const model = scan.model === '' ? defaultModel(engine, path) : scan.model;
    const { version, rows } = scan;
    shuttle({ payload, model, version, rows, priority: 0, timeoutMs: Number.POSITIVE_INFINITY }, context, reply);
  });
}

function defaultModel(engine: DispatchEngine, path: string): string {
  const model = engine.inventory.methods.get(path);
  if (model === undefined) throw new WeftError('UNAVAILABLE', `no replica serves ${path}`);
  return model;
}

type Shuttle = (request: Request, context: CallContext, reply: Reply) => void;

function createShuttle({ engine, tracing, metrics }: FrontOptions): Shuttle {
  const inflight = metrics.gauge('weft_requests_inflight', 'Requests that are admitted and unanswered').with();
  const requests = metrics.counter('weft_requests_total', 'Answered requests', ['method', 'code']);
  const seconds = metrics.histogram('weft_request_duration_seconds', 'From the arrival of a request to its answer', {
    labels: ['method'],
  });
  const cancelled = metrics.counter('weft_cancelled_total', 'Calls that their clients gave up, by where they were', [
    'model',
    'where',
  ]);
  const succeeded = new Map<string, Counter>();
  return (request, context, reply) => {
    const { path: method, identity } = context;
    const started = performance.now();
    const span = tracing.enabled
      ? tracing.start(method.slice(1), context.traceparent, {
          kind: 'server',
          attributes: { 'rpc.method': method, 'weft.model': request.model },
        })
      : undefined;
    const settle = (answer: Answer): void => {
      inflight.add(-1);
      seconds.with(method).record((performance.now() - started) / 1000);
      if ('error' in answer) {
        requests.with(method, answer.error.code).add();
        span?.end(answer.error);
        reply(answer.error);
        return;
      }
      successOf(method).add();
      span?.end();
      reply(undefined, answer.payload);
    };
    inflight.add(1);
    try {
      const traceparent = span?.traceparent ?? context.traceparent;
      // Field by field: a spread with further fields makes V8 build a slow object; that was half of a call's cost here.
      const { payload, model, version, rows, timeoutMs, priority: asked } = request;
      const { priority } = asked === 0 ? identity : withPriority(identity, asked);
      const pending = engine.submit({
        model,
        version,
        method,
        payload,
        rows,
        deadlineMs: context.deadlineMs,
        timeoutMs,
        traceparent,
        tenant: identity.tenant,
        priority,
        settle,
      });
      context.onCancelled(() => {
        const where = pending.cancel();
        if (where === undefined) return;
        cancelled.with(model, where).add();
        inflight.add(-1);
        requests.with(method, 'CANCELLED').add();
        span?.end(new WeftError('CANCELLED', 'the client cancelled, or its deadline passed'));
      });
    } catch (thrown) {
      settle({ error: toWeftError(thrown) });
    }
  };

  function successOf(method: string): Counter {
    let counter = succeeded.get(method);
    if (counter === undefined) succeeded.set(method, (counter = requests.with(method, 'OK')));
    return counter;
  }
}
