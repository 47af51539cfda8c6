// One call from its arrival to its answer: submitted as bytes, counted, traced, cancelled when its client goes. Every way in, gRPC,
// stream or HTTP, takes this one.
import { toWeftError, WeftError } from '@weft/errors';
import { type Reply, withPriority } from '@weft/rpc';
import type { Counter, Instruments, Tracing } from '@weft/telemetry';
import type { Caller } from './caller.ts';
import type { Answer, Call } from '../lanes/pending-call.ts';
import type { Submit } from './submit.ts';

export interface ShuttleRequest
  extends Pick<Call, 'payload' | 'model' | 'version' | 'rows' | 'timeoutMs' | 'sequence'> {
  /** 0: what the caller's identity says. */
  readonly priority: number;
}

export interface ShuttleOptions {
  readonly submit: Submit;
  readonly tracing: Tracing;
  readonly metrics: Instruments;
}

/** Replies once; not to a caller that is gone. */
export type Shuttle = (request: ShuttleRequest, caller: Caller, reply: Reply) => void;

export function createShuttle({ submit, tracing, metrics }: ShuttleOptions): Shuttle {
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
  return (request, caller, reply) => {
    const { path, identity, label: method = path } = caller;
    const started = performance.now();
    const span = tracing.enabled
      ? tracing.start(method.replace(/^\//, ''), caller.traceparent, {
          kind: 'server',
          attributes: { 'rpc.method': path, 'weft.model': request.model },
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
      const traceparent = span?.traceparent ?? caller.traceparent;
      // Field by field: a spread with further fields makes V8 build a slow object; that was half of a call's cost here.
      const { payload, model, version, rows, timeoutMs, priority: asked, sequence } = request;
      const { priority } = asked === 0 ? identity : withPriority(identity, asked);
      const pending = submit({
        model,
        version,
        method: path,
        payload,
        rows,
        deadlineMs: caller.deadlineMs,
        timeoutMs,
        traceparent,
        tenant: identity.tenant,
        priority,
        sequence,
        settle,
      });
      caller.onCancelled(() => {
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
