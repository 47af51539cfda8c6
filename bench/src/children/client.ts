// The load: so many calls at a time, each followed by the next as soon as it is answered. It sends prepared bytes and does not
// decode the answers, so that every target is called by exactly the same client.
import { setTimeout } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import { quantile } from '../statistics.ts';
import { answerParent } from './answer-parent.ts';

export interface LoadOptions {
  readonly address: string;
  readonly path: string;
  readonly payload: Uint8Array;
  readonly concurrency: number;
  readonly durationMs: number;
  /** Pause between an answer and the next call; without one there is none. */
  readonly pauseMs?: number | undefined;
}

export interface LoadResult {
  readonly calls: number;
  readonly failures: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The last answer; its bytes tell whether the target did what it should. */
  readonly answer: Uint8Array;
}

export type ClientQuestions = { load(options: LoadOptions): Promise<LoadResult> };

const clients = new Map<string, Client>();
const asItIs = (bytes: Buffer): Buffer => bytes;

function clientOf(address: string): Client {
  let client = clients.get(address);
  if (client === undefined) clients.set(address, (client = new Client(address, credentials.createInsecure())));
  return client;
}

function load({ address, path, payload, concurrency, durationMs, pauseMs = 0 }: LoadOptions): Promise<LoadResult> {
  const client = clientOf(address);
  const request = Buffer.from(payload);
  const latenciesMs: number[] = [];
  let failures = 0;
  let answer: Uint8Array = new Uint8Array(0);
  const startMs = performance.now();
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const sentMs = performance.now();
      client.makeUnaryRequest(path, asItIs, asItIs, request, (error, response) => {
        latenciesMs.push(performance.now() - sentMs);
        if (error !== null || response === undefined) failures++;
        else answer = response;
        resolve();
      });
    });
  const lane = async (): Promise<void> => {
    while (performance.now() - startMs < durationMs) {
      await one();
      if (pauseMs > 0) await setTimeout(pauseMs);
    }
  };
  return Promise.all(Array.from({ length: concurrency }, lane)).then(() => ({
    calls: latenciesMs.length,
    failures,
    elapsedMs: performance.now() - startMs,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    maxMs: quantile(latenciesMs, 1),
    answer: Uint8Array.from(answer),
  }));
}

answerParent({ load } satisfies ClientQuestions, async () => {
  for (const client of clients.values()) client.close();
});
