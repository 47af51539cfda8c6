// weft.executor.v1's PipeRequest and PipeResponse. The messages of a stream are wrapped and unwrapped by hand, for they may be
// large and many; its beginning and its failure, one each, go through the codec.
import { WeftError } from '@weft/errors';
import { errorCodeOf, grpcStatusOf } from '../grpc-status.ts';
import type { PipeOpen__Output } from '../gen/weft/executor/v1/PipeOpen.ts';
import type { PipeRequest__Output } from '../gen/weft/executor/v1/PipeRequest.ts';
import type { PipeResponse__Output } from '../gen/weft/executor/v1/PipeResponse.ts';
import { rpcMethod } from '../protos.ts';
import { FieldReader } from '../wire/read.ts';
import { bytesFieldSize, FieldWriter } from '../wire/write.ts';
import { readFragment } from './router-message.ts';

export const pipePath = '/weft.executor.v1.Executor/Pipe';
export const cancelPipePath = '/weft.executor.v1.Executor/CancelPipe';
/** Metadata of a Pipe: by this it can be cancelled. Nobody else can guess it. */
export const pipeIdKey = 'weft-pipe-id';

type PipePiece = { readonly kind: 'fragment'; readonly piece: Buffer; readonly last: boolean };
type PipeMessage = { readonly kind: 'message'; readonly bytes: Buffer };
/** From a newer peer; to be ignored. */
type PipeUnknown = { readonly kind: 'unknown' };

export type PipeRequestPart =
  | { readonly kind: 'half_close' }
  | { readonly kind: 'open'; readonly open: PipeOpen__Output }
  | PipeMessage
  | PipePiece
  | PipeUnknown;

export type PipeResponsePart =
  /** `unbegun`: no instance ever had this stream. */
  | { readonly kind: 'end'; readonly error: WeftError | undefined; readonly unbegun: boolean }
  | PipeMessage
  | PipePiece
  | PipeUnknown;

export function encodePipeOpen(open: PipeOpen__Output): Buffer {
  return rpcMethod(pipePath).encodeRequest({ open });
}

export function encodePipeHalfClose(): Buffer {
  return wrapped(4, new Uint8Array(0));
}

/** A client's message on its way to the replica. */
export function encodePipeRequest(message: Uint8Array): Buffer {
  return wrapped(2, message);
}

export function encodePipeResponse(message: Uint8Array): Buffer {
  return wrapped(1, message);
}

/** `error` undefined: it was answered. */
export function encodePipeEnd(error: WeftError | undefined, unbegun: boolean): Buffer {
  if (error === undefined) return rpcMethod(pipePath).encodeResponse({ end: {} });
  const { code, message, requestId = '', retryAfterMs = 0 } = error;
  return rpcMethod(pipePath).encodeResponse({
    end: { status: { code: grpcStatusOf(code), message, requestId }, unbegun, retryAfterMs: Math.max(0, retryAfterMs) },
  });
}

export function decodePipeRequest(part: Buffer): PipeRequestPart {
  const reader = new FieldReader(part);
  let decoded: PipeRequestPart = { kind: 'unknown' };
  while (reader.next()) {
    if (reader.field === 1) {
      const { open } = rpcMethod(pipePath).decodeRequest(part) as PipeRequest__Output;
      if (open) decoded = { kind: 'open', open };
    } else if (reader.field === 2) decoded = { kind: 'message', bytes: reader.content() };
    else if (reader.field === 4) decoded = { kind: 'half_close' };
    else if (reader.field === 5) decoded = readFragment(reader.message());
  }
  return decoded;
}

export function decodePipeResponse(part: Buffer): PipeResponsePart {
  const reader = new FieldReader(part);
  let decoded: PipeResponsePart = { kind: 'unknown' };
  while (reader.next()) {
    if (reader.field === 1) decoded = { kind: 'message', bytes: reader.content() };
    else if (reader.field === 2) decoded = readEnd(part);
    else if (reader.field === 5) decoded = readFragment(reader.message());
  }
  return decoded;
}

function readEnd(part: Buffer): PipeResponsePart {
  const { end } = rpcMethod(pipePath).decodeResponse(part) as PipeResponse__Output;
  if (!end?.status) return { kind: 'end', error: undefined, unbegun: false };
  const { code, message, requestId } = end.status;
  const error = new WeftError(errorCodeOf(code), message, {
    ...(requestId === '' ? {} : { requestId }),
    ...(end.retryAfterMs ? { retryAfterMs: end.retryAfterMs } : {}),
  });
  return { kind: 'end', error, unbegun: end.unbegun };
}

function wrapped(field: number, message: Uint8Array): Buffer {
  const out = new FieldWriter(bytesFieldSize(message.length));
  out.bytesField(field, message);
  return out.bytes;
}
