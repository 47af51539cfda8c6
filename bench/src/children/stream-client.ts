// The load on streams: so many streams at a time, each with so many messages on their way, the next sent when an answer comes. It
// sends prepared bytes and does not decode the answers, so that every target is asked by exactly the same client.
import { Client, credentials } from '@grpc/grpc-js';
import { answerParent } from './answer-parent.ts';

export interface StreamLoadOptions {
  readonly address: string;
  readonly path: string;
  readonly payload: Uint8Array;
  readonly streams: number;
  /** Messages of each stream that are not answered. */
  readonly window: number;
  readonly durationMs: number;
}

export interface StreamLoadResult {
  /** Answered. */
  readonly messages: number;
  readonly elapsedMs: number;
  readonly failures: number;
}

export type StreamClientQuestions = { load(options: StreamLoadOptions): Promise<StreamLoadResult> };

const clients = new Map<string, Client>();
const asItIs = (bytes: Buffer): Buffer => bytes;

function clientOf(address: string): Client {
  let client = clients.get(address);
  if (client === undefined) clients.set(address, (client = new Client(address, credentials.createInsecure())));
  return client;
}

async function load(options: StreamLoadOptions): Promise<StreamLoadResult> {
  const { address, path, streams, window, durationMs } = options;
  const client = clientOf(address);
  const payload = Buffer.from(options.payload);
  const startMs = performance.now();
  let messages = 0;
  let failures = 0;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const call = client.makeBidiStreamRequest(path, asItIs, asItIs);
      let ending = false;
      call.on('data', () => {
        messages++;
        if (performance.now() - startMs < durationMs) call.write(payload);
        else if (!ending) {
          ending = true;
          call.end();
        }
      });
      call.once('error', () => {
        failures++;
        resolve();
      });
      call.once('end', () => resolve());
      for (let sent = 0; sent < window; sent++) call.write(payload);
    });
  await Promise.all(Array.from({ length: streams }, one));
  return { messages, failures, elapsedMs: performance.now() - startMs };
}

answerParent({ load } satisfies StreamClientQuestions, async () => {
  for (const client of clients.values()) client.close();
});
