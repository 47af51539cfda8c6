// The client of the identity bench: so many calls at a time over one of three ways, each followed by the next as soon as it is
// answered. It sends prepared bytes and counts what comes back: it decodes nothing but the last answer of a window, after it.
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { Pool } from 'undici';
import {
  holdsTensor,
  requestOf,
  restPath,
  streamPath,
  unaryPath,
  type Way,
  type WayRequest,
} from '../identity/elements.ts';
import { answerParent } from './answer-parent.ts';

export interface WindowOptions {
  readonly way: Way;
  /** Of gRPC or of REST, as the way wants it. */
  readonly address: string;
  readonly elements: number;
  readonly concurrency: number;
  /** The window lasts at least so long, and so many calls. */
  readonly durationMs: number;
  readonly leastCalls: number;
}

export interface WindowResult {
  readonly failures: number;
  readonly elapsedMs: number;
  readonly latenciesMs: Float64Array;
  /** Of this process. */
  readonly cpuUs: number;
  /** Whether the last answer was the tensor that was sent. */
  readonly right: boolean;
}

export type IdentityQuestions = {
  /** No call is in flight before it, nor after. */
  window(options: WindowOptions): Promise<WindowResult>;
};

/** Sends one request and resolves with the answer's pieces; rejects when it is none. */
type Send = (request: WayRequest) => Promise<readonly Buffer[]>;

const limits = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
const asItIs = (bytes: Buffer): Buffer => bytes;
const clients = new Map<string, Client>();
const pools = new Map<string, Pool>();
/** Those that are open and that nobody uses now. */
const streams = new Map<string, ClientDuplexStream<Buffer, Buffer>[]>();
const requests = new Map<string, WayRequest>();

function kept<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

const clientOf = (address: string): Client =>
  kept(clients, address, () => new Client(address, credentials.createInsecure(), limits));

/** What sends the requests of one worker. */
const senders: Readonly<Record<Way, (address: string) => { readonly send: Send; readonly free: () => void }>> = {
  unary: (address) => ({ send: unarySend(clientOf(address)), free: () => {} }),
  stream: (address) => {
    const free = kept(streams, address, () => []);
    const stream = free.pop() ?? clientOf(address).makeBidiStreamRequest(streamPath, asItIs, asItIs);
    return { send: streamSend(stream), free: () => void free.push(stream) };
  },
  rest: (address) => ({ send: restSend(kept(pools, address, () => new Pool(`http://${address}`))), free: () => {} }),
};

function unarySend(client: Client): Send {
  return ({ payload }) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(unaryPath, asItIs, asItIs, payload, (error, response) => {
        if (error !== null || response === undefined) reject(error ?? new Error('no response'));
        else resolve([response]);
      });
    });
}

function streamSend(stream: ClientDuplexStream<Buffer, Buffer>): Send {
  return ({ payload }) =>
    new Promise((resolve, reject) => {
      const onData = (answer: Buffer): void => {
        stream.off('error', reject);
        // A failed request is answered with field 1, the error's text.
        if (answer[0] === 0x0a) reject(new Error('an error message'));
        else resolve([answer]);
      };
      stream.once('error', reject);
      stream.once('data', onData);
      stream.write(payload);
    });
}

function restSend(pool: Pool): Send {
  return ({ payload, jsonLength }) =>
    new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let status = 0;
      const headers = { 'inference-header-content-length': String(jsonLength) };
      pool.dispatch(
        { path: restPath, method: 'POST', headers, body: payload },
        {
          onRequestStart: () => {},
          onResponseStart: (_controller, code) => void (status = code),
          onResponseData: (_controller, piece) => void pieces.push(piece),
          onResponseEnd: () => (status === 200 ? resolve(pieces) : reject(new Error(`status ${status}`))),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
}

async function window(options: WindowOptions): Promise<WindowResult> {
  const { way, address, elements, concurrency, durationMs, leastCalls } = options;
  const request = kept(requests, `${way} ${elements}`, () => requestOf(way, elements));
  const latenciesMs: number[] = [];
  let failures = 0;
  let started = 0;
  let last: readonly Buffer[] = [];
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const lane = async (): Promise<void> => {
    const { send, free } = senders[way](address);
    while (performance.now() - startMs < durationMs || started < leastCalls) {
      started++;
      const sentMs = performance.now();
      try {
        last = await send(request);
        latenciesMs.push(performance.now() - sentMs);
      } catch {
        // A stream that failed is of no more use; the run will not count.
        failures++;
        return;
      }
    }
    free();
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  const elapsedMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(startCpu);
  const right = holdsTensor(way, Buffer.concat(last), request.tensor);
  return { failures, elapsedMs, latenciesMs: Float64Array.from(latenciesMs), cpuUs: user + system, right };
}

answerParent({ window } satisfies IdentityQuestions, async () => {
  for (const stream of [...streams.values()].flat()) stream.end();
  for (const client of clients.values()) client.close();
  await Promise.all([...pools.values()].map((pool) => pool.destroy()));
});
