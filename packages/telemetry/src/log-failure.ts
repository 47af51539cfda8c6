// The one line of a failed request, at the edge where it is answered, gRPC or REST. That a client is refused is no news; what nobody
// expected is, with its cause and the request id that the client was told.
import type { WeftError } from '@weft/errors';
import type { Log } from './log.ts';

/** `method`: the gRPC path, or verb and route. */
export function logFailure(log: Log, method: string, { code, message, requestId, cause }: WeftError): void {
  const fields = { method, code, message, ...(requestId === undefined ? {} : { requestId }) };
  if (code === 'INTERNAL') log.error('rpc.failed', { ...fields, ...(cause === undefined ? {} : { cause }) });
  else log.debug('rpc.failed', fields);
}
