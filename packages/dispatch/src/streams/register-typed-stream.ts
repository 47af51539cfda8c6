// A typed method that streams: the whole stream goes to one replica, by what its first message says. Its later messages may name
// the model again, but no other one.
import { invalidArgument } from '@weft/errors';
import { type CallContext, type RpcMethod, type RpcServer, scanTypedRequest } from '@weft/rpc';
import { HeldRequests } from '../pipes/held-requests.ts';
import { linkedAbort } from '../pipes/linked-abort.ts';
import type { StreamShuttle } from './stream-shuttle.ts';

export interface TypedStreamOptions {
  readonly server: RpcServer;
  readonly stream: StreamShuttle;
  /** The model of requests that name none; throws where there is none. */
  readonly defaultModel: (path: string) => string;
}

export function registerTypedStream({ server, stream, defaultModel }: TypedStreamOptions, method: RpcMethod): void {
  const { path, requestStream } = method;
  async function* answer(
    requests: AsyncIterable<Buffer>,
    context: CallContext,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void, undefined> {
    const source = requests[Symbol.asyncIterator]();
    const first = await source.next();
    if (first.done === true) {
      if (requestStream) return;
      throw invalidArgument(`${path} was called without a request`);
    }
    const { model: named, version } = scanTypedRequest(first.value, 0);
    const chosen = { model: named === '' ? defaultModel(path) : named, version };
    const ending = linkedAbort(signal);
    const later = laterMessages(source, chosen, (refused) => ending.abort(refused));
    const held = new HeldRequests(first.value, later);
    try {
      yield* stream(
        {
          ...{ model: chosen.model, version, priority: 0, requests: held, signal: ending.signal },
          onChosen: (view) => void (chosen.version = view.version),
        },
        context,
      );
    } finally {
      ending.release();
    }
  }
  server.pipe(path, answer);
}

/** `refuse` hears of a message for another model; nothing follows it. */
async function* laterMessages(
  source: AsyncIterator<Buffer>,
  chosen: { readonly model: string; readonly version: string },
  refuse: (reason: Error) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const next = await source.next();
    if (next.done === true) return;
    try {
      requireSameModel(next.value, chosen);
    } catch (thrown) {
      refuse(thrown as Error);
      throw thrown;
    }
    yield next.value;
  }
}

function requireSameModel(message: Buffer, chosen: { readonly model: string; readonly version: string }): void {
  const { model, version } = scanTypedRequest(message, 0);
  const other =
    model !== '' && model !== chosen.model
      ? `model '${model}'`
      : version !== '' && version !== chosen.version
        ? `version ${version}`
        : undefined;
  if (other === undefined) return;
  throw invalidArgument(`this stream is with model '${chosen.model}': a later message must not name ${other}`);
}
