// A request that does not fit its message is the caller's mistake, and is told as one.
import { WeftError } from '@weft/errors';
import type { RpcMethod } from '@weft/rpc';

/** Throws INVALID_ARGUMENT. */
export function encodeRequest(method: RpcMethod, request: object): Buffer {
  try {
    return method.encodeRequest(request);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeftError('INVALID_ARGUMENT', `the request does not fit ${method.path}: ${reason}`, { cause });
  }
}
