// A stream with a replica over the network: one call of the executor's Pipe.
import { type Client, type ClientDuplexStream, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { toWeftError, WeftError } from '@weft/errors';
import {
  decodePipeResponse,
  encodePipeOpen,
  encodePipeRequest,
  fragmentsOf,
  fromServiceError,
  openRawBidi,
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
      const stream = openRawBidi(client(), rpcMethod(pipePath), metadata());
      // Who reads hears of errors; one that comes later is nobody's.
      stream.on('error', () => {});
      const leaving = new AbortController();
      const leave = (): void => {
        leaving.abort();
        stream.cancel();
      };
      signal.addEventListener('abort', leave, { once: true });
      const failed = { error: undefined as WeftError | undefined };
      sendRequests(stream, { start, requests, signal: leaving.signal }).catch((thrown: unknown) => {
        failed.error = toWeftError(thrown);
        leave();
      });
      try {
        for await (const part of wholeParts(stream, maxMessageBytes)) {
          if (part.kind === 'message') yield part.bytes;
          else if (part.kind === 'end') {
            movable = part.unbegun;
            throw part.error;
          }
        }
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
  await sendAll(stream, parts(sending), sending.signal);
  if (!sending.signal.aborted) stream.end();
}

async function* parts({ start, requests }: Sending): AsyncGenerator<Buffer, void, undefined> {
  const { deadlineMs, ...rest } = start;
  // 0 would say that there is none.
  const timeoutUs = Number.isFinite(deadlineMs) ? Math.max(1, Math.round((deadlineMs - performance.now()) * 1000)) : 0;
  yield encodePipeOpen({ ...rest, timeoutUs });
  for await (const message of requests) yield* fragmentsOf(encodePipeRequest(message));
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

/** grpc-js ended the call, not the replica's own word: by what grpc-js says when a connection breaks, the replica was lost. */
function brokenBy(error: ServiceError): { readonly error: WeftError; readonly lost: boolean } {
  const lost = lostCodes.has(error.code);
  if (!lost) return { error: fromServiceError(error), lost };
  return {
    error: new WeftError('UNAVAILABLE', 'the replica was lost while it had this stream', { cause: error }),
    lost,
  };
}

const lostCodes: ReadonlySet<status> = new Set([status.UNAVAILABLE, status.CANCELLED, status.INTERNAL, status.UNKNOWN]);
