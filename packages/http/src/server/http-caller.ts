// Who makes a call over HTTP, in the words of the data plane: as whom the gate let it in, until when it waits, and when it has gone.
// `grpc-timeout`, as gRPC has it (`500m` is 500 milliseconds, `2S` two seconds), bounds the whole call; a client that closes its
// connection has cancelled.
import type { ServerResponse } from 'node:http';
import type { Caller } from '@weft/dispatch';
import { invalidArgument, refusal, type WeftError } from '@weft/errors';
import type { Identity } from '@weft/rpc';

const unitsMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
/** The longest time that a timer can wait for. */
const longestMs = 2 ** 31 - 1;

export interface CallerOptions {
  readonly path: string;
  readonly label: string;
  readonly identity: Identity;
  readonly traceparent: string;
  readonly timeoutMs: number;
}

export interface HttpCaller {
  readonly caller: Caller;
  /** Rejects when the deadline passes; for ever pending otherwise. */
  readonly expired: Promise<never>;
}

export function httpCaller({ timeoutMs, ...who }: CallerOptions, response: ServerResponse): HttpCaller {
  let listeners: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    const told = listeners;
    listeners = [];
    for (const listener of told) listener();
  };
  const expired = new Promise<never>((_, reject) => {
    if (timeoutMs > longestMs) return;
    timer = setTimeout(() => {
      reject(deadlineExceeded());
      cancel();
    }, timeoutMs);
  });
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) cancel();
  });
  const onCancelled = (listener: () => void): void => void listeners.push(listener);
  return { caller: { ...who, deadlineMs: performance.now() + timeoutMs, onCancelled }, expired };
}

/** Milliseconds of a `grpc-timeout`; Infinity without one. Throws INVALID_ARGUMENT. */
export function parseGrpcTimeout(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const match = /^(\d{1,8})([HMSmun])$/.exec(text.trim());
  if (match === null)
    throw invalidArgument('grpc-timeout must be up to eight digits and a unit: H, M, S, m (milliseconds), u or n');
  return Number(match[1]) * (unitsMs[match[2] as string] as number);
}

function deadlineExceeded(): WeftError {
  return refusal('DEADLINE_EXCEEDED', 'Deadline exceeded');
}
