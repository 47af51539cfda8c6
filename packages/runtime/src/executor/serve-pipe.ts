// One call of Pipe at the replica: what a router sends in wrappers goes to the executor as it came from the client, and back. How
// the stream failed is told in the last message, so that a gRPC status means only one thing, a lost replica.
import { toWeftError, WeftError, invalidArgument } from '@weft/errors';
import {
  decodePipeRequest,
  encodePipeEnd,
  encodePipeResponse,
  fragmentsOf,
  MalformedMessage,
  type PipeRequestPart,
  Reassembler,
} from '@weft/rpc';
import type { PipeOpen__Output } from '@weft/rpc/messages/weft/executor/v1/PipeOpen';
import type { PipeStart } from '@weft/dispatch';
import type { Executor } from './executor.ts';

export interface PipeService {
  readonly executor: Pick<Executor, 'pipe' | 'maxMessageBytes'>;
  /** Logs a failure; returns what the client may hear of it. */
  readonly report: (thrown: unknown) => WeftError;
}

export async function* servePipe(
  requests: AsyncIterable<Buffer>,
  signal: AbortSignal,
  { executor, report }: PipeService,
): AsyncGenerator<Buffer, void, undefined> {
  const parts = wholeParts(requests, executor.maxMessageBytes);
  const first = await parts.next();
  if (first.done === true || first.value.kind !== 'open') throw invalidArgument('a pipe begins with its PipeOpen');
  const pipe = executor.pipe(startOf(first.value.open), messagesOf(parts), signal);
  let error: WeftError | undefined;
  try {
    for await (const response of pipe.responses) yield* fragmentsOf(encodePipeResponse(response));
  } catch (thrown) {
    error = signal.aborted ? toWeftError(thrown) : report(thrown);
  }
  yield encodePipeEnd(error, pipe.movable());
  // The router ends the call: ended from here first, it would be reset.
  await toEnd(parts);
}

type Parts = AsyncGenerator<PipeRequestPart, void, undefined>;

async function* messagesOf(parts: Parts): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const part = await parts.next();
    if (part.done === true) return;
    if (part.value.kind === 'message') yield part.value.bytes;
    else if (part.value.kind === 'half_close') return;
  }
}

/** Reads to the end of the call, for nothing. A router that goes away is heard of by other ways. */
async function toEnd(parts: Parts): Promise<void> {
  try {
    while ((await parts.next()).done !== true);
  } catch (thrown) {
    if (!(thrown instanceof WeftError)) throw thrown;
  }
}

async function* wholeParts(
  requests: AsyncIterable<Buffer>,
  maxMessageBytes: number,
): AsyncGenerator<PipeRequestPart, void, undefined> {
  const reassembler = new Reassembler(maxMessageBytes * 2);
  try {
    for await (const bytes of requests) {
      const part = decodePipeRequest(bytes);
      const whole = part.kind === 'fragment' ? reassembler.add(part.piece, part.last) : undefined;
      if (part.kind !== 'fragment') yield part;
      else if (whole !== undefined) yield decodePipeRequest(whole);
    }
  } catch (thrown) {
    if (!(thrown instanceof MalformedMessage || thrown instanceof RangeError)) throw thrown;
    throw new WeftError('INVALID_ARGUMENT', `malformed message of a pipe: ${thrown.message}`, { cause: thrown });
  }
}

function startOf({ timeoutUs, ...open }: PipeOpen__Output): PipeStart {
  return { ...open, deadlineMs: timeoutUs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutUs / 1000 };
}
