// The state of all models as a sequence that outlives its connections: a router that restarts interrupts it, and no more.
import type { Client, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { WeftError } from '@weft/errors';
import { rpcMethod } from '@weft/rpc';
import type { ModelStatus__Output } from '@weft/rpc/messages/weft/router/v1/ModelStatus';
import type { VersionStatus__Output } from '@weft/rpc/messages/weft/router/v1/VersionStatus';
import type { WatchModelsResponse__Output } from '@weft/rpc/messages/weft/router/v1/WatchModelsResponse';
import { toCallError } from '../attempt-call.ts';
import type { CallOptions } from '../call-options.ts';
import type { RouterCalls, StreamContext } from '../router-calls.ts';
import { retryWaitMs } from '../with-retries.ts';
import { adminPath } from './admin-path.ts';

/** Every model, and what stands between the router and its event log (empty: nothing). */
export type ModelsSnapshot = WatchModelsResponse__Output;
export type ModelStatus = ModelStatus__Output;
export type VersionStatus = VersionStatus__Output;

export interface WatchOptions extends Pick<CallOptions, 'signal' | 'metadata'> {
  /** Hears of each loss of the connection, before it is made again. */
  readonly onLost?: ((error: WeftError) => void) | undefined;
}

export function watchModels(calls: RouterCalls, options: WatchOptions): AsyncIterable<ModelsSnapshot> {
  return calls.stream(options, (context) => follow(context, options.onLost));
}

async function* follow(context: StreamContext, onLost: WatchOptions['onLost']): AsyncGenerator<ModelsSnapshot> {
  const { signal, surroundings } = context;
  const run = { wasConnected: false, failures: 0 };
  while (!signal.aborted) {
    const call = openWatch(context);
    const cancel = () => call.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    let lost = new WeftError('UNAVAILABLE', 'the router ended the stream');
    try {
      for await (const snapshot of call as AsyncIterable<ModelsSnapshot>) {
        Object.assign(run, { wasConnected: true, failures: 0 });
        if (signal.aborted) return;
        yield snapshot;
      }
    } catch (thrown) {
      if (signal.aborted) return;
      lost = lostConnection(thrown as ServiceError, context.client);
    } finally {
      signal.removeEventListener('abort', cancel);
      call.cancel();
    }
    const waitMs = reconnectWaitMs(lost, { ...context, ...run });
    if (waitMs === undefined) throw lost;
    run.failures++;
    onLost?.(lost);
    await surroundings.sleep(waitMs, signal).catch(() => {});
  }
}

function openWatch({ client, metadata }: StreamContext): ClientReadableStream<ModelsSnapshot> {
  const method = rpcMethod(adminPath('WatchModels'));
  const encode = (request: object) => method.encodeRequest(request);
  const decode = (bytes: Buffer) => method.decodeResponse(bytes) as ModelsSnapshot;
  const call = client.makeServerStreamRequest(method.path, encode, decode, {}, metadata.clone());
  // The reader hears of errors; one that comes after the reader has left is nobody's.
  call.on('error', () => {});
  return call;
}

/** A router that shuts down cancels its streams; since nobody here did, that is a loss like any other. */
function lostConnection(error: ServiceError, client: Client): WeftError {
  const lost = toCallError(error, client);
  return lost.code === 'CANCELLED'
    ? new WeftError('UNAVAILABLE', 'the router ended the stream', { cause: error })
    : lost;
}

/** A router that has never answered is given up after the usual retries; one that has will come back. */
function reconnectWaitMs(
  lost: WeftError,
  {
    retry,
    surroundings,
    wasConnected,
    failures,
  }: StreamContext & { readonly wasConnected: boolean; readonly failures: number },
): number | undefined {
  const maxRetries = wasConnected && retry.maxRetries > 0 ? Number.POSITIVE_INFINITY : retry.maxRetries;
  return retryWaitMs(lost, failures, { retry: { ...retry, maxRetries }, surroundings });
}
