// One stream from its first message to its end: opened over the pipes, counted, traced. The counterpart of the shuttle
// (../shuttle.ts) for calls that have more than one answer.
import { toWeftError, WeftError } from '@weft/errors';
import { withPriority } from '@weft/rpc';
import type { Instruments, Tracing } from '@weft/telemetry';
import type { Caller } from '../caller.ts';
import type { VersionView } from '../inventory.ts';
import type { HeldRequests } from '../pipes/held-requests.ts';
import type { Pipes } from '../pipes/pipes.ts';

export interface StreamRequest {
  readonly model: string;
  /** Empty: one of those that serve such streams. */
  readonly version: string;
  /** 0: what the caller's identity says. */
  readonly priority: number;
  readonly requests: HeldRequests;
  readonly signal: AbortSignal;
  readonly onChosen?: (view: VersionView) => void;
}

/** The responses. Throws a WeftError, whatever happens. */
export type StreamShuttle = (
  request: StreamRequest,
  caller: Omit<Caller, 'onCancelled'>,
) => AsyncGenerator<Buffer, void, undefined>;

export interface StreamShuttleOptions {
  readonly pipes: Pipes;
  readonly tracing: Tracing;
  readonly metrics: Instruments;
}

export function createStreamShuttle({ pipes, tracing, metrics }: StreamShuttleOptions): StreamShuttle {
  const open = metrics.gauge('weft_streams_open', 'Streams that are admitted and have not ended', ['method']);
  const ended = metrics.counter('weft_streams_total', 'Streams that have ended', ['method', 'code']);
  const responses = metrics.counter('weft_stream_responses_total', 'Responses that streams have given', ['method']);
  return async function* stream(request, caller) {
    const { path: method, identity, deadlineMs } = caller;
    const { model, version, requests, signal, onChosen } = request;
    const { tenant, priority } = request.priority === 0 ? identity : withPriority(identity, request.priority);
    const span = tracing.enabled
      ? tracing.start(method.slice(1), caller.traceparent, {
          kind: 'server',
          attributes: { 'rpc.method': method, 'weft.model': model },
        })
      : undefined;
    const traceparent = span?.traceparent ?? caller.traceparent;
    const counted = responses.with(method);
    const call = { model, version, method, deadlineMs, traceparent, tenant, priority, requests, signal };
    let error: WeftError | undefined = left;
    open.with(method).add(1);
    try {
      for await (const response of pipes.open({ ...call, ...(onChosen === undefined ? {} : { onChosen }) })) {
        counted.add();
        yield response;
      }
      error = undefined;
    } catch (thrown) {
      throw (error = toWeftError(thrown));
    } finally {
      open.with(method).add(-1);
      ended.with(method, error?.code ?? 'OK').add();
      span?.end(error);
    }
  };
}

const left = new WeftError('CANCELLED', 'the client has gone');
