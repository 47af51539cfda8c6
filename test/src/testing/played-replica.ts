// A replica that a test plays: it reports what the test says, and answers batches only as the test says. So a queue can be
// held full, and the bytes that arrive can be looked at.
import { once } from 'node:events';
import {
  createGate,
  createServerCredentials,
  decodeRouterMessage,
  encodeCredit,
  encodeResult,
  type ItemStatus,
  type RawStream,
  Reassembler,
  RpcServer,
  readBatch,
} from '@weft/rpc';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import { createLog } from '@weft/telemetry';

export type PlayedBatch = ReturnType<typeof readBatch> & {
  answer(outcomes: readonly (Uint8Array | ItemStatus)[]): void;
};

export interface PlayedReplica {
  readonly address: string;
  readonly batches: readonly PlayedBatch[];
  readonly cancels: readonly { readonly batchId: number; readonly items: readonly number[] }[];
  /** Reports another state. */
  report(state: ReplicaState): void;
  /** Lets every attached router send one more batch, once there is one. */
  grant(version?: string): Promise<void>;
  until(holds: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function playReplica(first: ReplicaState): Promise<PlayedReplica> {
  const gate = createGate({ boundToLoopback: true });
  const log = createLog({ level: 'silent', fields: {}, destination: { write: () => {} } });
  const server = new RpcServer({
    gate,
    credentials: createServerCredentials({}).credentials,
    maxMessageBytes: 2 ** 27,
    log,
  });
  const batches: PlayedBatch[] = [];
  const cancels: { batchId: number; items: readonly number[] }[] = [];
  const streams = new Set<RawStream>();
  const stopped = new AbortController();
  let state = first;
  let wake: () => void = () => {};
  let report: () => void = () => {};
  server.serverStream<object, ReplicaState>(
    '/weft.executor.v1.Executor/Watch',
    async function* (_request, _context, signal) {
      const ended = AbortSignal.any([signal, stopped.signal]);
      while (!ended.aborted) {
        yield state;
        await Promise.race([once(ended, 'abort'), new Promise<void>((resolve) => (report = resolve))]);
      }
    },
  );
  server.rawBidi('/weft.executor.v1.Executor/Attach', (stream) => {
    const pieces = new Reassembler(2 ** 28);
    const receive = (bytes: Buffer): void => {
      const message = decodeRouterMessage(bytes);
      if (message.kind === 'open') streams.add(stream);
      else if (message.kind === 'cancel') cancels.push(message);
      else if (message.kind === 'batch') batches.push(playedBatch(stream, message.body));
      else if (message.kind === 'fragment') {
        const whole = pieces.add(message.piece, message.last);
        if (whole !== undefined) receive(whole);
      }
      wake();
    };
    stream.on('data', receive);
    stream.once('end', () => stream.end());
    stream.once('cancelled', () => streams.delete(stream));
  });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => (wake = resolve));
  };
  const port = await server.listen('127.0.0.1', 0);
  return {
    address: `127.0.0.1:${port}`,
    batches,
    cancels,
    report(next) {
      state = next;
      report();
    },
    async grant(version = '1') {
      await until(() => streams.size > 0);
      for (const stream of streams) stream.write(encodeCredit('credit', version, 0));
    },
    until,
    async stop() {
      stopped.abort();
      for (const stream of streams) stream.end();
      await server.stop(200);
    },
  };
}

function playedBatch(stream: RawStream, body: Buffer): PlayedBatch {
  const batch = readBatch(body);
  const times = { queueUs: 0, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 };
  return {
    ...batch,
    answer(outcomes) {
      const items = outcomes.map((outcome, index) => ({ index, outcome, ...times }));
      stream.write(encodeResult({ batchId: batch.id, items, undelivered: false, crashed: false, last: true }));
    },
  };
}
