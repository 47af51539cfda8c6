// One attempt at a unary call, as a promise: the only place that deals with grpc-js's callbacks.
import { type Client, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { WeftError } from '@weft/errors';
import { fromServiceError } from '@weft/rpc';
import { cancelled } from './with-retries.ts';

export interface CallAttempt {
  readonly path: string;
  readonly payload: Buffer;
  readonly metadata: Metadata;
  /** What is left until the deadline. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The response's bytes. Rejects with a WeftError; with CANCELLED as soon as the signal aborts. */
export function attemptCall(
  client: Client,
  { path, payload, metadata, timeoutMs, signal }: CallAttempt,
): Promise<Buffer> {
  if (signal.aborted) return Promise.reject(cancelled(signal));
  if (timeoutMs <= 0) {
    return Promise.reject(new WeftError('DEADLINE_EXCEEDED', 'the deadline had passed before the call was sent'));
  }
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + timeoutMs;
    // The metadata is copied for each attempt, because grpc-js adds to what it is given.
    const call = client.makeUnaryRequest(
      path,
      asItIs,
      asItIs,
      payload,
      metadata.clone(),
      { deadline },
      (error, bytes) => {
        signal.removeEventListener('abort', cancel);
        if (bytes !== undefined && error === null) resolve(bytes);
        else reject(signal.aborted ? cancelled(signal) : toCallError(error as ServiceError, client));
      },
    );
    function cancel(): void {
      call.cancel();
    }
    signal.addEventListener('abort', cancel, { once: true });
  });
}

/** What the server said, or, when there was no server to say anything, what stood in the way of reaching it. */
export function toCallError(error: ServiceError, client: Client): WeftError {
  const reason = error.code === status.UNAVAILABLE ? unreachableReason(error.details) : undefined;
  if (reason === undefined) return fromServiceError(error);
  const target = client
    .getChannel()
    .getTarget()
    .replace(/^dns:(?:\/\/\/)?/, '');
  return new WeftError('UNAVAILABLE', `cannot reach the router at ${target}: ${reason}`, { cause: error });
}

/** grpc-js's own failures to connect, told from a server's UNAVAILABLE by the only thing it leaves: its wording. */
function unreachableReason(details: string): string | undefined {
  if (details.startsWith('Name resolution failed')) return 'its name cannot be resolved';
  const match =
    /^(?:round_robin: No connection established\. Last error: )?No connection established(?:\. Last error: (.*?))?(?:\. Resolution note: .*)?$/s.exec(
      details,
    );
  if (match === null) return undefined;
  return match[1]?.replace(/^Error: /, '').replace(/^(connect \w+) \S+$/, '$1') || 'no connection';
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}
