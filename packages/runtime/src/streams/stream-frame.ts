// What a service's main thread and an instance's worker say to each other of one stream, both in the same words. Everything
// survives a structured clone.
import { type ErrorCode, WeftError } from '@weft/errors';

export type StreamFrame =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** So many more messages and bytes may be sent: so much was taken. */
  | { readonly kind: 'credit'; readonly messages: number; readonly bytes: number }
  /** Nothing more comes this way. From the worker: the stream has ended, with that failure if there is one. */
  | { readonly kind: 'end'; readonly failure?: StreamFailure | undefined }
  /** To the worker: nobody waits any more. */
  | { readonly kind: 'cancel'; readonly failure: StreamFailure };

export interface StreamStart {
  /** Full path of the method. */
  readonly method: string;
  /** Milliseconds since the epoch; Infinity without a deadline. */
  readonly deadlineMs: number;
  readonly tenant: string;
}

/** A WeftError that crosses to another thread. */
export interface StreamFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
}

export function failureOf({ code, message, requestId, retryAfterMs }: WeftError): StreamFailure {
  return {
    code,
    message,
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

export function errorOf({ code, message, ...rest }: StreamFailure): WeftError {
  return new WeftError(code, message, rest);
}
