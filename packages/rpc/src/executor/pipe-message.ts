// weft.executor.v1's PipeRequest and PipeResponse. The messages of a stream are wrapped (pipe-sender.ts) and unwrapped by hand, for
// they may be large and many; its beginning and its failure, one each, go through the codec. The parts of one message count in the
// order in which they stand.
import { WeftError } from '@weft/errors';
import { errorCodeOf, grpcStatusOf } from '../grpc-status.ts';
import type { PipeOpen__Output } from '../gen/weft/executor/v1/PipeOpen.ts';
import type { PipeRequest__Output } from '../gen/weft/executor/v1/PipeRequest.ts';
import type { PipeResponse__Output } from '../gen/weft/executor/v1/PipeResponse.ts';
import { rpcMethod } from '../protos.ts';
import { FieldReader, MalformedMessage } from '../wire/read.ts';
import { bytesFieldSize, FieldWriter } from '../wire/write.ts';
import { readFragment } from './router-message.ts';

export const pipePath = '/weft.executor.v1.Executor/Pipe';
export const cancelPipePath = '/weft.executor.v1.Executor/CancelPipe';
/** Metadata of a Pipe: by this it can be cancelled. Nobody else can guess it. */
export const pipeIdKey = 'weft-pipe-id';

/**
 * Why another replica may have a stream: no instance ever had it, as no slot was free (`full`) or for another reason, or the
 * instance died with it before it answered anything.
 */
export type PipeMove = 'full' | 'unbegun' | 'crashed';

type PipePiece = { readonly kind: 'fragment'; readonly piece: Buffer; readonly last: boolean };
type PipeMessage = { readonly kind: 'message'; readonly bytes: Buffer };

export type PipeRequestPart =
  | { readonly kind: 'half_close' }
  | { readonly kind: 'open'; readonly open: PipeOpen__Output }
  | PipeMessage
  | PipePiece;

export type PipeResponsePart =
  | { readonly kind: 'end'; readonly error: WeftError | undefined; readonly move: PipeMove | undefined }
  | { readonly kind: 'begun' }
  | PipeMessage
  | PipePiece;

/** The fields that hold a message of the stream. */
export const pipeMessageFields = { request: 2, response: 1 } as const;

export function encodePipeOpen(open: PipeOpen__Output): Buffer {
  return rpcMethod(pipePath).encodeRequest({ open });
}

export function encodePipeHalfClose(): Buffer {
  return wrapped(4, new Uint8Array(0));
}

export function encodePipeBegun(): Buffer {
  return wrapped(3, new Uint8Array(0));
}

/** `error` undefined: it was answered. */
export function encodePipeEnd(error: WeftError | undefined, move: PipeMove | undefined): Buffer {
  if (error === undefined) return rpcMethod(pipePath).encodeResponse({ end: {} });
  const { code, message, requestId = '', retryAfterMs = 0 } = error;
  return rpcMethod(pipePath).encodeResponse({
    end: {
      status: { code: grpcStatusOf(code), message, requestId },
      retryAfterMs: Math.max(0, retryAfterMs),
      unbegun: move === 'unbegun' || move === 'full',
      full: move === 'full',
      crashed: move === 'crashed',
    },
  });
}

export function decodePipeRequest(bytes: Buffer): PipeRequestPart[] {
  const reader = new FieldReader(bytes);
  const parts: PipeRequestPart[] = [];
  while (reader.next()) {
    if (reader.field === pipeMessageFields.request) parts.push({ kind: 'message', bytes: reader.content() });
    else if (reader.field === 1) parts.push({ kind: 'open', open: readOpen(reader.content()) });
    else if (reader.field === 4) parts.push({ kind: 'half_close' });
    else if (reader.field === 5) parts.push(readFragment(reader.message()));
  }
  return parts;
}

export function decodePipeResponse(bytes: Buffer): PipeResponsePart[] {
  const reader = new FieldReader(bytes);
  const parts: PipeResponsePart[] = [];
  while (reader.next()) {
    if (reader.field === pipeMessageFields.response) parts.push({ kind: 'message', bytes: reader.content() });
    else if (reader.field === 2) parts.push(readEnd(reader.content()));
    else if (reader.field === 3) parts.push({ kind: 'begun' });
    else if (reader.field === 5) parts.push(readFragment(reader.message()));
  }
  return parts;
}

function readOpen(content: Buffer): PipeOpen__Output {
  const { open } = rpcMethod(pipePath).decodeRequest(wrapped(1, content)) as PipeRequest__Output;
  if (!open) throw new MalformedMessage('an open that is none');
  return open;
}

function readEnd(content: Buffer): PipeResponsePart {
  const { end } = rpcMethod(pipePath).decodeResponse(wrapped(2, content)) as PipeResponse__Output;
  if (!end?.status) return { kind: 'end', error: undefined, move: undefined };
  const { code, message, requestId } = end.status;
  const error = new WeftError(errorCodeOf(code), message, {
    ...(requestId === '' ? {} : { requestId }),
    ...(end.retryAfterMs ? { retryAfterMs: end.retryAfterMs } : {}),
  });
  const unbegun = end.full ? 'full' : 'unbegun';
  return { kind: 'end', error, move: end.unbegun ? unbegun : end.crashed ? 'crashed' : undefined };
}

function wrapped(field: number, message: Uint8Array): Buffer {
  const out = new FieldWriter(bytesFieldSize(message.length));
  out.bytesField(field, message);
  return out.bytes;
}
