// The load of people who do not wait for each other: calls of one row are due at the instants of a Poisson process and are
// sent then, whether or not those before are answered. Whatever delays one, the sender included, counts from the instant at
// which it was due. Each sends a number of its own and must get it back.
import { performance } from 'node:perf_hooks';
import { connectivityState, Metadata, status } from '@grpc/grpc-js';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { Dialled } from './dial.ts';
import { inferPath } from './infer-request.ts';
import { readSleepAnswer, sleepRequest } from './sleeping-model.ts';
import { watchWithheldTime } from './withheld-time.ts';

export interface LoadOptions {
  readonly perSecond: number;
  readonly forMs: number;
  /** From due to the deadline, a number or uniformly between two; undefined: none. */
  readonly deadlineMs?: number | readonly [from: number, to: number];
  readonly headers?: Readonly<Record<string, string>>;
  /** Of each request, beside its input. */
  readonly fields?: Partial<ModelInferRequest>;
  /** The same arrivals for the same seed. */
  readonly seed?: number;
}

/** Instants are milliseconds of the wall clock, with fractions. */
export interface LoadedCall {
  readonly dueMs: number;
  /** Infinity without one. */
  readonly deadlineMs: number;
  readonly answeredMs: number;
  /** `OK`, or the code. */
  readonly code: string;
  /** What an error says. */
  readonly text: string;
  /** Of the process that computed it; 0 without an answer. */
  readonly pid: number;
  readonly pushbackMs: number | undefined;
  /** Of the time that it took, what the machine withheld from this process. */
  readonly withheldMs: number;
}

export interface Load {
  /** Resolves when so many calls are sent, or the load has ended. */
  sent(count: number): Promise<void>;
  /** All calls, when the last one is answered. */
  readonly answered: Promise<readonly LoadedCall[]>;
}

// Refusals are answers here, hundreds a second: where they were made nobody asks.
Error.stackTraceLimit = 0;

const asItIs = (bytes: Buffer): Buffer => bytes;
export const wallMs = (): number => performance.timeOrigin + performance.now();

export function startLoad({ client }: Dialled, options: LoadOptions): Load {
  const { perSecond, forMs, headers = {}, fields, seed = 1 } = options;
  const random = createRandom(seed);
  const withheld = watchWithheldTime(wallMs);
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
  const calls: Promise<LoadedCall>[] = [];
  const watchers = new Set<() => void>();
  const startMs = wallMs();
  let ended = false;
  const untilDeadlineMs = (): number => {
    const { deadlineMs = Number.POSITIVE_INFINITY } = options;
    if (typeof deadlineMs === 'number') return deadlineMs;
    const [from, to] = deadlineMs;
    return from + random() * (to - from);
  };
  const send = (dueMs: number): Promise<LoadedCall> => {
    const value = calls.length + 1;
    const deadlineMs = dueMs + untilDeadlineMs();
    const limits = Number.isFinite(deadlineMs) ? { deadline: deadlineMs } : {};
    return new Promise((resolve) => {
      client.makeUnaryRequest(
        inferPath,
        asItIs,
        asItIs,
        sleepRequest(value, fields),
        metadata,
        limits,
        (error, response) => {
          const answeredMs = wallMs();
          const withheldMs = withheld.between(dueMs, answeredMs);
          const outcome = { dueMs, deadlineMs, answeredMs, text: '', pid: 0, pushbackMs: undefined, withheldMs };
          if (response !== undefined) {
            const answer = readSleepAnswer(response);
            const right = answer.value === value;
            resolve({ ...outcome, code: right ? 'OK' : 'WRONG_ANSWER', pid: answer.pid });
            return;
          }
          const [pushback] = error?.metadata.get('grpc-retry-pushback-ms') ?? [];
          const pushbackMs = pushback === undefined ? undefined : Number(pushback);
          resolve({ ...outcome, code: status[error?.code ?? status.UNKNOWN], text: error?.details ?? '', pushbackMs });
        },
      );
    });
  };
  const answered = new Promise<readonly LoadedCall[]>((resolve) => {
    let dueMs = startMs;
    const sendWhatIsDue = (): void => {
      // A test that fails closes its client while others still would be sent.
      if (client.getChannel().getConnectivityState(false) === connectivityState.SHUTDOWN) return withheld.stop();
      for (const nowMs = wallMs(); dueMs <= nowMs && dueMs < startMs + forMs; dueMs += exponential(random, perSecond))
        calls.push(send(dueMs));
      ended = dueMs >= startMs + forMs;
      for (const wake of watchers) wake();
      if (ended) resolve(Promise.all(calls).finally(() => withheld.stop()));
      else setTimeout(sendWhatIsDue, dueMs - wallMs());
    };
    sendWhatIsDue();
  });
  return {
    answered,
    async sent(count) {
      while (calls.length < count && !ended)
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            watchers.delete(wake);
            resolve();
          };
          watchers.add(wake);
        });
    },
  };
}

/** Milliseconds to the next of so many arrivals per second. */
function exponential(random: () => number, perSecond: number): number {
  return (-1000 * Math.log(1 - random())) / perSecond;
}

/** Uniform in [0, 1), the same in every run: mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
