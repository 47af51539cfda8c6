// A method that streams, as a sequence: requests go out as the router takes them, responses are read as the caller takes them. Who
// leaves early, or cancels, ends the call.
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { rpcMethod, sendAll } from '@weft/rpc';
import { toCallError } from './attempt-call.ts';
import type { CallOptions } from './call-options.ts';
import { encodeRequest } from './encode-request.ts';
import type { RouterCalls, StreamContext } from './router-calls.ts';
import { cancelled } from './with-retries.ts';

export interface StreamCall {
  /** Full path. */
  readonly path: string;
  /** One of a method that streams only its responses. */
  readonly requests: Iterable<object> | AsyncIterable<object>;
  /** It may last for ever: it has no deadline but one that the caller gives. */
  readonly endless?: boolean;
}

/** The whole stream has the deadline of a call, unless it is endless. It is never tried again. */
export function followStream<Response>(
  calls: RouterCalls,
  call: StreamCall,
  options: CallOptions,
): AsyncGenerator<Response, void, undefined> {
  const deadline = call.endless === true ? endlessDeadlineOf(calls, options) : calls.deadlineOf(options);
  return calls.stream(options, (context) => follow<Response>(context, call, deadline));
}

/** When a stream ends that may last for ever: infinite unless the caller says otherwise. Throws INVALID_ARGUMENT. */
export function endlessDeadlineOf(calls: RouterCalls, options: CallOptions): number {
  const bounded = options.timeoutMs !== undefined || options.deadline !== undefined;
  return bounded ? calls.deadlineOf(options) : Number.POSITIVE_INFINITY;
}

/** One call of the method, until `deadline` (infinite: for ever). Throws a WeftError, or what `requests` throw. */
export async function* follow<Response>(
  { client, metadata, signal }: StreamContext,
  { path, requests }: StreamCall,
  deadline: number,
): AsyncGenerator<Response, void, undefined> {
  if (signal.aborted) throw cancelled(signal);
  const method = rpcMethod(path);
  const asItIs = (bytes: Buffer): Buffer => bytes;
  // One that streams only its responses is the same on the wire.
  const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
    path,
    asItIs,
    asItIs,
    metadata.clone(),
    Number.isFinite(deadline) ? { deadline } : {},
  );
  // The reader hears of errors; one that comes after the reader has left is nobody's.
  call.on('error', () => {});
  const leaving = new AbortController();
  const leave = (): void => {
    leaving.abort();
    call.cancel();
  };
  signal.addEventListener('abort', leave, { once: true });
  const failed = { reason: undefined as Error | undefined };
  const sending = async (): Promise<void> => {
    await sendAll(call, encoded(path, requests), { signal: leaving.signal });
    if (!leaving.signal.aborted) call.end();
  };
  sending().catch((thrown: unknown) => {
    failed.reason = thrown as Error;
    leave();
  });
  try {
    for await (const bytes of call as AsyncIterable<Buffer>) yield method.decodeResponse(bytes) as Response;
  } catch (thrown) {
    if (failed.reason !== undefined) throw failed.reason;
    if (signal.aborted) throw cancelled(signal);
    throw toCallError(thrown as ServiceError, client);
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

async function* encoded(path: string, requests: StreamCall['requests']): AsyncGenerator<Buffer, void, undefined> {
  const method = rpcMethod(path);
  for await (const request of requests) yield encodeRequest(method, request);
}
