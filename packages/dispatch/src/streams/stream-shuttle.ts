// One stream from its first message to its end: opened over the pipes, counted, traced. The counterpart of the shuttle
// (../shuttle.ts) for calls that have more than one answer.
import type { WeftError } from '@weft/errors';
import { withPriority } from '@weft/rpc';
import type { Instruments, Tracing } from '@weft/telemetry';
import type { Caller } from '../engine/caller.ts';
import type { PassageListener, PipeCall } from '../pipes/passage.ts';
import type { Pipe } from '../pipes/pipe.ts';
import type { Pipes } from '../pipes/pipes.ts';

export interface StreamRequest
  extends Pick<PipeCall, 'model' | 'version' | 'first' | 'onChosen'>,
    Pick<Caller, 'identity' | 'deadlineMs' | 'traceparent'> {
  /** Full path. */
  readonly path: string;
  /** 0: what the caller's identity says. */
  readonly priority: number;
  /** More messages may follow. */
  readonly requestStream?: boolean;
}

/** Throws what its caller may not do. */
export type StreamShuttle = (request: StreamRequest, listener: PassageListener) => Pipe;

export interface StreamShuttleOptions {
  readonly pipes: Pipes;
  readonly tracing: Tracing;
  readonly metrics: Instruments;
}

export function createStreamShuttle({ pipes, tracing, metrics }: StreamShuttleOptions): StreamShuttle {
  const open = metrics.gauge('weft_streams_open', 'Streams that are admitted and have not ended', ['method']);
  const ended = metrics.counter('weft_streams_total', 'Streams that have ended', ['method', 'code']);
  const responses = metrics.counter('weft_stream_responses_total', 'Responses that streams have given', ['method']);
  return (request, listener) => {
    const { path: method, model, version, first, identity, deadlineMs, onChosen, requestStream = false } = request;
    const { tenant, priority } = request.priority === 0 ? identity : withPriority(identity, request.priority);
    const span = tracing.enabled
      ? tracing.start(method.slice(1), request.traceparent, {
          kind: 'server',
          attributes: { 'rpc.method': method, 'weft.model': model },
        })
      : undefined;
    const traceparent = span?.traceparent ?? request.traceparent;
    const counted = responses.with(method);
    let over = false;
    const end = (error: WeftError | undefined): void => {
      over = true;
      open.with(method).add(-1);
      ended.with(method, error?.code ?? 'OK').add();
      span?.end(error);
    };
    open.with(method).add(1);
    const terms = { model, version, method, deadlineMs, traceparent, tenant, priority };
    const call = { ...terms, first, requestStream, onChosen };
    const pipe = pipes.open(call, {
      onResponse(response) {
        counted.add();
        listener.onResponse(response);
      },
      onRoom: () => listener.onRoom(),
      onEnd(error) {
        end(error);
        listener.onEnd(error);
      },
    });
    return {
      send: (message) => pipe.send(message),
      halfClose: () => pipe.halfClose(),
      read: () => pipe.read(),
      cancel(reason) {
        if (over) return;
        end(reason);
        pipe.cancel(reason);
      },
    };
  };
}
