// A stream with a replica over the network: one call of the executor's Pipe.
import { randomUUID } from 'node:crypto';
import { type Client, type ClientDuplexStream, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { toWeftError, WeftError } from '@weft/errors';
import {
  cancelPipePath,
  decodePipeResponse,
  encodePipeHalfClose,
  encodePipeOpen,
  encodePipeRequest,
  fragmentsOf,
  fromServiceError,
  openRawBidi,
  pipeIdKey,
  pipePath,
  type PipeResponsePart,
  Reassembler,
  rpcMethod,
  sendAll,
} from '@weft/rpc';
import type { OpenPipe, PipeStart } from './pipe.ts';

export interface RemotePipeOptions {
  readonly client: () => Client;
  readonly metadata: () => Metadata;
  /** Bounds a response that arrives in pieces. */
  readonly maxMessageBytes: number;
}

export function remotePipes({ client, metadata, maxMessageBytes }: RemotePipeOptions): OpenPipe {
  return (start, requests, signal) => {
    let movable = false;
    async function* responses(): AsyncGenerator<Buffer, void, undefined> {
      signal.throwIfAborted();
      const id = randomUUID();
      const callMetadata = metadata();
      callMetadata.set(pipeIdKey, id);
      const stream = openRawBidi(client(), rpcMethod(pipePath), callMetadata);
      // Who reads hears of errors; one that comes later is nobody's.
      stream.on('error', () => {});
      const leaving = new AbortController();
      let ended = false;
      const leave = (): void => {
        if (leaving.signal.aborted) return;
        leaving.abort();
        farewell(stream);
        if (!ended) cancelPipe(client(), id, metadata()).catch(() => stream.cancel());
      };
      signal.addEventListener('abort', leave, { once: true });
      const failed = { error: undefined as WeftError | undefined };
      sendRequests(stream, { start, requests, signal: leaving.signal }).catch((thrown: unknown) => {
        failed.error = toWeftError(thrown);
        leave();
      });
      try {
        for await (const part of wholeParts(arrivals(stream, leaving.signal), maxMessageBytes)) {
          if (part.kind === 'message') yield part.bytes;
          else if (part.kind === 'end') {
            ended = true;
            movable = part.unbegun;
            if (part.error === undefined) return;
            throw part.error;
          }
        }
        movable = true;
        throw lost(undefined);
      } catch (thrown) {
        if (failed.error !== undefined) throw failed.error;
        signal.throwIfAborted();
        if (thrown instanceof WeftError) throw thrown;
        const broken = brokenBy(thrown as ServiceError);
        movable = broken.lost;
        throw broken.error;
      } finally {
        signal.removeEventListener('abort', leave);
        leave();
      }
    }
    return { responses: responses(), movable: () => movable };
  };
}

interface Sending {
  readonly start: PipeStart;
  readonly requests: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
}

async function sendRequests(stream: ClientDuplexStream<Buffer, Buffer>, sending: Sending): Promise<void> {
  await sendAll(stream, parts(sending), sending);
}

async function* parts({ start, requests }: Sending): AsyncGenerator<Buffer, void, undefined> {
  const { deadlineMs, ...rest } = start;
  // 0 would say that there is none.
  const timeoutUs = Number.isFinite(deadlineMs) ? Math.max(1, Math.round((deadlineMs - performance.now()) * 1000)) : 0;
  yield encodePipeOpen({ ...rest, timeoutUs });
  for await (const message of requests) yield* fragmentsOf(encodePipeRequest(message));
  // Ended here the call would end there, and with it the responses.
  yield encodePipeHalfClose();
}

async function* wholeParts(
  stream: AsyncIterable<Buffer>,
  maxMessageBytes: number,
): AsyncGenerator<PipeResponsePart, void, undefined> {
  const reassembler = new Reassembler(maxMessageBytes * 2);
  for await (const bytes of stream) {
    const part = decodePipeResponse(bytes);
    const whole = part.kind === 'fragment' ? reassembler.add(part.piece, part.last) : undefined;
    if (part.kind !== 'fragment') yield part;
    else if (whole !== undefined) yield decodePipeResponse(whole);
  }
}

/** Its messages, until nobody is to read any more. Leaves the stream open. */
async function* arrivals(
  stream: ClientDuplexStream<Buffer, Buffer>,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const messages = stream.iterator({ destroyOnReturn: false });
  // One listener, whose target changes: racing each message against one promise would keep them all until the stream ends.
  let stop = (): void => {};
  signal.addEventListener('abort', () => stop(), { once: true });
  for (;;) {
    const next = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
      stop = () => reject(left);
      messages.next().then(resolve, reject);
      if (signal.aborted) stop();
    });
    if (next.done === true) return;
    yield next.value as Buffer;
  }
}

const left = new WeftError('CANCELLED', 'the client has gone');

/**
 * Ends the call. Not by a reset: servers take many of them for an attack and stop serving the connection, with all its other
 * streams. Only a replica that does not end it, too, is cut off.
 */
function farewell(stream: ClientDuplexStream<Buffer, Buffer>): void {
  const timer = setTimeout(() => stream.cancel(), farewellMs);
  timer.unref();
  stream.once('status', () => clearTimeout(timer));
  stream.end();
  stream.resume();
}

/** Tells the replica that nobody waits any more. Rejects when it does not know the stream, or is gone. */
function cancelPipe(client: Client, pipeId: string, metadata: Metadata): Promise<void> {
  const method = rpcMethod(cancelPipePath);
  const asItIs = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(method.path, asItIs, asItIs, method.encodeRequest({ pipeId }), metadata, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

const farewellMs = 2_000;

/** grpc-js ended the call, not the replica's own word: by what grpc-js says when a connection breaks, the replica was lost. */
function brokenBy(error: ServiceError): { readonly error: WeftError; readonly lost: boolean } {
  const isLost = lostCodes.has(error.code);
  return { error: isLost ? lost(error) : fromServiceError(error), lost: isLost };
}

function lost(cause: unknown): WeftError {
  return new WeftError('UNAVAILABLE', 'the replica was lost while it had this stream', { cause });
}

const lostCodes: ReadonlySet<status> = new Set([status.UNAVAILABLE, status.CANCELLED, status.INTERNAL, status.UNKNOWN]);
