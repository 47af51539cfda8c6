// The load of people who do not wait for each other: requests of one row are due at the instants of a Poisson process and
// are sent then, whether or not those before are answered. Whatever delays one, this client included, counts from the
// instant at which it was due. It sends prepared bytes and does not decode the answers.
import { Client, credentials, status } from '@grpc/grpc-js';
import { createRandom } from '@weft/flow/simulation';
import { busyShare, type CpuTimes, readCpuTimes } from '../machine-cpu.ts';
import { answerParent } from './answer-parent.ts';

export interface OpenLoopOptions {
  /** Each request goes to the next one of them. */
  readonly addresses: readonly string[];
  readonly path: string;
  readonly payload: Uint8Array;
  readonly requestsPerSecond: number;
  /** From the instant at which a request is due. */
  readonly deadlineMs: number;
  /** Requests are sent for all three; those due in the second count. */
  readonly settleMs: number;
  readonly countMs: number;
  readonly afterMs: number;
  readonly seed: number;
}

/** One element for each request that counts, in the order of their due times. */
export interface OpenLoopResult {
  /** gRPC status codes. */
  readonly codes: Uint8Array;
  /** From due to answered, whatever the answer. */
  readonly answeredMs: Float64Array;
  /** From due to sent. */
  readonly lateMs: Float64Array;
  /** How busy the whole machine was while they were due. */
  readonly cpuShare: number;
  /** Of the last request that succeeded; its bytes tell whether the target did what it should. */
  readonly answer: Uint8Array;
}

export type OpenLoopQuestions = { load(options: OpenLoopOptions): Promise<OpenLoopResult> };

interface Sent {
  code: number;
  answeredMs: number;
  readonly lateMs: number;
}

// Refusals are answers here, thousands a second: where they were made nobody asks.
Error.stackTraceLimit = 0;

const clients = new Map<string, Client>();
const asItIs = (bytes: Buffer): Buffer => bytes;

function clientOf(address: string): Client {
  let client = clients.get(address);
  if (client === undefined) clients.set(address, (client = new Client(address, credentials.createInsecure())));
  return client;
}

function load(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { addresses, path, requestsPerSecond, deadlineMs, settleMs, countMs, afterMs, seed } = options;
  const targets = addresses.map(clientOf);
  const payload = Buffer.from(options.payload);
  const random = createRandom(seed);
  const counted: Sent[] = [];
  const startMs = performance.now();
  const [countFromMs, countToMs] = [startMs + settleMs, startMs + settleMs + countMs];
  const endMs = countToMs + afterMs;
  let [turn, unanswered, ended] = [0, 0, false];
  let answer: Uint8Array = new Uint8Array(0);
  let dueMs = startMs;
  let beforeCount: CpuTimes | undefined;
  let afterCount: CpuTimes | undefined;
  return new Promise((resolve) => {
    const finish = (): void => {
      if (!ended || unanswered > 0) return;
      resolve({
        codes: Uint8Array.from(counted, ({ code }) => code),
        answeredMs: Float64Array.from(counted, ({ answeredMs }) => answeredMs),
        lateMs: Float64Array.from(counted, ({ lateMs }) => lateMs),
        cpuShare: busyShare(beforeCount ?? readCpuTimes(), afterCount ?? readCpuTimes()),
        answer: Uint8Array.from(answer),
      });
    };
    const send = (instantMs: number): void => {
      const nowMs = performance.now();
      if (instantMs >= countFromMs) beforeCount ??= readCpuTimes();
      if (instantMs >= countToMs) afterCount ??= readCpuTimes();
      const sent: Sent = { code: status.UNKNOWN, answeredMs: Number.NaN, lateMs: nowMs - instantMs };
      if (instantMs >= countFromMs && instantMs < countToMs) counted.push(sent);
      unanswered += 1;
      const deadline = Date.now() + instantMs + deadlineMs - nowMs;
      const target = targets[turn++ % targets.length] as Client;
      target.makeUnaryRequest(path, asItIs, asItIs, payload, { deadline }, (error, response) => {
        sent.answeredMs = performance.now() - instantMs;
        sent.code = error === null ? status.OK : error.code;
        if (response !== undefined) answer = response;
        unanswered -= 1;
        finish();
      });
    };
    const sendWhatIsDue = (): void => {
      const nowMs = performance.now();
      for (; dueMs <= nowMs && dueMs < endMs; dueMs += random.exponential(requestsPerSecond / 1000)) send(dueMs);
      ended = dueMs >= endMs;
      if (ended) finish();
      else setTimeout(sendWhatIsDue, dueMs - performance.now());
    };
    sendWhatIsDue();
  });
}

answerParent({ load } satisfies OpenLoopQuestions, async () => {
  for (const client of clients.values()) client.close();
});
