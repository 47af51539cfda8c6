// The main loop of an instance's worker: load, then one batch at a time, in order, and streams beside them; unload, and again
// from the beginning for another model. Cancellations are heard between
// batches and between the items of a batch, whenever the thread comes back to its event loop.
import { parentPort } from 'node:worker_threads';
import { toWeftError } from '@weft/errors';
import { epochMs } from '@weft/telemetry/epoch-ms';
import type { Incident } from './encode-results.ts';
import { type Instance, loadInstance, type WorkerCatalogue } from './load-instance.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { WorkerMetrics } from '../metrics/worker-metrics.ts';
import { WorkerStreams } from '../streams/worker-streams.ts';
import { runBatch } from './run-batch.ts';
import { turn } from '../turn.ts';

type BatchMessage = Extract<ToWorker, { kind: 'batch' }>;

/** Serves one instance after the other over the thread's or the process's channel, until it is told to end. Called once by a worker's entry. */
export function serveInstance(catalogue: WorkerCatalogue): void {
  const cancelled = new Map<number, Set<number>>();
  const incident = ({ requestId, method, cause }: Incident): void =>
    post({ kind: 'incident', requestId, method, cause: describe(cause) });
  const streams = new WorkerStreams({
    post: (stream, frame, transfer) => post({ kind: 'stream', stream, frame }, transfer),
    onIncident: incident,
  });
  let metrics: WorkerMetrics | undefined;
  let instance: Instance | undefined;
  // Batches come and go in the order of their tickets.
  let lastFinished = 0;
  let work: Promise<void> = Promise.resolve();
  const enqueue = (step: () => Promise<void>): void => {
    // What a step throws is no outcome of a request: unhandled, it ends the worker, whose host then answers for it.
    work = work.then(step);
  };
  const load = async (message: Extract<ToWorker, { kind: 'load' }>): Promise<void> => {
    // Each host counts its tickets from one.
    lastFinished = 0;
    metrics = new WorkerMetrics((measures) => post({ kind: 'measures', measures }));
    try {
      instance = await loadInstance(message.spec, catalogue, metrics);
      post({ kind: 'loaded', instance: instance.loaded });
    } catch (thrown) {
      // The reason goes to the operator's index of models: what is not a WeftError is told too.
      const error = toWeftError(thrown);
      post({
        kind: 'failed',
        reason: error.cause instanceof Error && error.requestId !== undefined ? error.cause.message : error.message,
      });
    }
  };
  const run = async ({ ticket, body, receivedMs }: BatchMessage): Promise<void> => {
    // Lets cancellations in that arrived during the batch before.
    await turn();
    const gone = cancelled.get(ticket) ?? new Set();
    cancelled.set(ticket, gone);
    const startedMs = epochMs();
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const { messages, rows, computeMs, computed, incidents } = await runBatch(instance as Instance, {
      body: bytes,
      cancelled: gone,
      times: { receivedMs, nowMs: epochMs },
    });
    cancelled.delete(ticket);
    lastFinished = ticket;
    for (const one of incidents) incident(one);
    const buffers = messages.map((message) => message.buffer as ArrayBuffer);
    const sequences = instance?.sequences?.size ?? 0;
    post({ kind: 'result', ticket, messages, rows, startedMs, computeMs, computed, sequences }, buffers);
  };
  onMessage((message) => {
    switch (message.kind) {
      case 'load':
        enqueue(() => load(message));
        break;
      case 'batch':
        enqueue(() => run(message));
        break;
      case 'cancel': {
        if (message.ticket <= lastFinished) break;
        const gone = cancelled.get(message.ticket) ?? new Set();
        cancelled.set(message.ticket, gone);
        for (const item of message.items) gone.add(item);
        break;
      }
      case 'stream_open':
        // It was loaded before, and is not told to unload yet.
        streams.open(instance as Instance, message.stream, message.start);
        break;
      case 'stream':
        streams.receive(message.stream, message.frame);
        break;
      case 'unload':
        enqueue(async () => {
          await streams.idle();
          await instance?.unload();
          instance = undefined;
          metrics?.flush();
          cancelled.clear();
          post({ kind: 'unloaded' });
        });
        break;
      case 'end':
        enqueue(async () => {
          if (parentPort === null) process.disconnect();
          else parentPort.close();
        });
        break;
      case 'quit':
        // Not in line: what comes before it may never end. No model runs now, for that would keep this from being heard.
        process.exit();
    }
  });
}

function onMessage(listener: (message: ToWorker) => void): void {
  if (parentPort === null) process.on('message', listener);
  else parentPort.on('message', listener);
}

function post(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  if (parentPort === null) process.send?.(message);
  else parentPort.postMessage(message, transfer);
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
