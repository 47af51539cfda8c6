// The router's end towards one replica, without a router: hears what the replica serves, and sends batches of a chosen size
// to one model, one at a time. So a batch takes the way that every batch takes, and its size is the bench's alone.
import { type Client, credentials, Metadata } from '@grpc/grpc-js';
import {
  decodeReplicaMessage,
  encodeBatch,
  encodeOpen,
  fragmentsOf,
  type ItemResult,
  openChannel,
  openRawBidi,
  openServerStream,
  Reassembler,
  type ReplicaMessage,
  rpcMethod,
} from '@weft/rpc';
import type { ModelVersion__Output } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';

export interface BatchTimes {
  /** From sending the batch to its last result: what a router learns. */
  readonly ms: number;
  /** The replica's own measure, inside the instance's worker. */
  readonly computeMs: number;
}

export interface AttachedModel {
  /** Rejects when an item is refused. One batch at a time. */
  infer(method: string, payloads: readonly Buffer[]): Promise<BatchTimes>;
  close(): void;
}

const largestAnswerBytes = 256 * 1024 * 1024;

/** The models of the replica at `address`, as it reports them once. */
export async function replicaModels(address: string): Promise<readonly ModelVersion__Output[]> {
  const client = openChannel(address, credentials.createInsecure());
  const watch = openServerStream<ReplicaState__Output>(client, {
    method: rpcMethod('/weft.executor.v1.Executor/Watch'),
    request: { routerId: 'bench' },
    metadata: new Metadata(),
  });
  try {
    return await new Promise((resolve, reject) => {
      watch.once('data', (state: ReplicaState__Output) => resolve(state.models));
      watch.on('error', reject);
    });
  } finally {
    watch.cancel();
    client.close();
  }
}

export function attachModel(address: string, model: string, version: string): AttachedModel {
  const client: Client = openChannel(address, credentials.createInsecure());
  const stream = openRawBidi(client, rpcMethod('/weft.executor.v1.Executor/Attach'), new Metadata());
  const pieces = new Reassembler(largestAnswerBytes);
  const waiting: ReplicaMessage[] = [];
  let failure: Error | undefined;
  let wake: () => void = () => {};
  const receive = (bytes: Buffer): void => {
    const message = decodeReplicaMessage(bytes);
    if (message.kind === 'fragment') {
      const whole = pieces.add(message.piece, message.last);
      if (whole !== undefined) receive(whole);
      return;
    }
    waiting.push(message);
    wake();
  };
  const fail = (error: Error): void => {
    failure = error;
    wake();
  };
  stream.on('data', receive);
  stream.on('error', fail);
  stream.on('end', () => fail(new Error(`the replica ended the stream of ${model}`)));
  const next = async (): Promise<ReplicaMessage> => {
    for (;;) {
      const message = waiting.shift();
      if (message !== undefined) return message;
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const credits: number[] = [];
  let sent = 0;
  stream.write(encodeOpen('bench', model));
  return {
    async infer(method, payloads) {
      while (credits.length === 0) take(await next(), credits);
      const instance = credits.shift() as number;
      const id = ++sent;
      const items = payloads.map((payload) => ({ payload, timeoutUs: 0, rows: 1, traceparent: '', tenant: '' }));
      const started = performance.now();
      for (const piece of fragmentsOf(encodeBatch({ id, version, method, instance }, items))) stream.write(piece);
      let computeMs = 0;
      let answered = 0;
      for (;;) {
        const message = await next();
        take(message, credits);
        if (message.kind !== 'result' || message.result.batchId !== id) continue;
        for (const item of message.result.items) computeMs = Math.max(computeMs, computeMsOf(item, model));
        answered += message.result.items.length;
        if (message.result.last) break;
      }
      const ms = performance.now() - started;
      if (answered < payloads.length) throw new Error(`${model} left ${payloads.length - answered} items unanswered`);
      return { ms, computeMs };
    },
    close() {
      stream.cancel();
      client.close();
    },
  };
}

function take(message: ReplicaMessage, credits: number[]): void {
  if (message.kind === 'credit') credits.push(message.instance);
  else if (message.kind === 'credit_return') credits.splice(credits.indexOf(message.instance), 1);
}

function computeMsOf({ outcome, computeInputUs, computeInferUs, computeOutputUs }: ItemResult, model: string): number {
  if (!(outcome instanceof Uint8Array)) throw new Error(`${model} refused an item: ${outcome.message}`);
  return (computeInputUs + computeInferUs + computeOutputUs) / 1000;
}
