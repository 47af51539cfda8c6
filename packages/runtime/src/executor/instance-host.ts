// The main thread's side of one instance: takes a worker, posts batches to it, passes results on unread, and answers
// for the worker when it dies.
import type { ComputedBatch } from '@weft/dispatch';
import { formatDuration } from '@weft/config';
import { WeftError } from '@weft/errors';
import type { Clock } from '@weft/flow';
import { encodeResult } from '@weft/rpc';
import { epochMs, type Log } from '@weft/telemetry';
import { owned } from '../owned.ts';
import type { MeasureSink } from '../metrics/observe-measures.ts';
import { type InstanceStream, InstanceStreams, type StreamMeter } from '../streams/instance-streams.ts';
import type { InstanceSpec, LoadedInstance } from '../worker/messages.ts';
import type { SpareWorker } from './spare-worker.ts';
import type { Isolation, WorkerChannel, WorkerEvents } from './worker-channel.ts';

export interface InstanceOptions {
  readonly workers: SpareWorker;
  readonly isolation: Isolation;
  readonly spec: InstanceSpec;
  readonly clock: Clock;
  /** How long it may take to load and warm up; 0: as long as it likes. */
  readonly loadTimeoutMs: number;
  readonly log: Log;
  /** The worker ended once it was loaded, without having been told to. What it had is answered already. */
  readonly onCrash: (reason: string) => void;
  readonly meter?: StreamMeter | undefined;
  /** Hears what the task measures. */
  readonly measures?: MeasureSink | undefined;
}

/** A batch on its way through a worker. */
export interface PostedBatch {
  /** Unique in the attach stream it came on. */
  readonly batchId: number;
  readonly itemCount: number;
  readonly body: Buffer;
  readonly deliver: (message: Buffer) => void;
  readonly onDone: (run: BatchMeasure | undefined) => void;
}

export interface BatchMeasure {
  readonly rows: number;
  readonly receivedMs: number;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  readonly computeMs: number;
  readonly computed: ComputedBatch;
  /** That the instance remembers. */
  readonly sequences: number;
}

export class InstanceHost {
  readonly #options: InstanceOptions;
  readonly #channel: WorkerChannel;
  readonly #posted = new Map<number, PostedBatch & { readonly receivedMs: number }>();
  readonly #streams: InstanceStreams;
  readonly #loaded: Promise<LoadedInstance>;
  readonly #ended: Promise<void>;
  #settleLoad!: { resolve: (instance: LoadedInstance) => void; reject: (reason: WeftError) => void };
  #settleEnd!: () => void;
  #nextTicket = 1;
  #state: 'loading' | 'loaded' | 'unloading' | 'ended' = 'loading';
  #failed = false;
  #cancelTimer: () => void = () => {};

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.#loaded = new Promise((resolve, reject) => {
      this.#settleLoad = { resolve, reject };
    });
    this.#ended = new Promise((resolve) => {
      this.#settleEnd = resolve;
    });
    this.#channel = options.workers.take(options.isolation, {
      onMessage: (message) => this.#receive(message),
      onExit: (reason) => this.#exit(reason),
    });
    this.#streams = new InstanceStreams((message, transfer) => this.#channel.post(message, transfer), options.meter);
    const { clock, loadTimeoutMs } = options;
    if (loadTimeoutMs > 0) this.#cancelTimer = clock.setTimer(loadTimeoutMs, () => this.#giveUp());
    this.#channel.post({ kind: 'load', spec: options.spec });
  }

  /** Resolves once the model is loaded and warm; rejects with the reason why it cannot be. */
  get loaded(): Promise<LoadedInstance> {
    return this.#loaded;
  }

  post(batch: PostedBatch): number {
    const ticket = this.#nextTicket++;
    const receivedMs = epochMs();
    this.#posted.set(ticket, { ...batch, receivedMs });
    const body = owned(batch.body);
    this.#channel.post({ kind: 'batch', ticket, body, receivedMs }, [body.buffer as ArrayBuffer]);
    return ticket;
  }

  cancel(ticket: number, items: readonly number[]): void {
    if (this.#posted.has(ticket)) this.#channel.post({ kind: 'cancel', ticket, items });
  }

  /** Opens a stream, whose responses must be read or returned. */
  stream(stream: InstanceStream): AsyncGenerator<Buffer, void, undefined> {
    return this.#streams.open(stream);
  }

  /** Lets the worker finish what it has, streams too, free its model and end. */
  async unload(): Promise<void> {
    this.#unload();
    await this.#ended;
  }

  /** The load takes too long: it has failed, and the worker is not waited for. */
  #giveUp(): void {
    const reason = `it was not loaded within ${formatDuration(this.#options.loadTimeoutMs)} (--load-timeout)`;
    this.#settleLoad.reject(new WeftError('DEADLINE_EXCEEDED', reason));
    this.#channel.listen({ onMessage() {}, onExit() {} });
    this.#channel.kill();
    this.#exit(reason);
  }

  #unload(): void {
    if (this.#state !== 'loading' && this.#state !== 'loaded') return;
    this.#state = 'unloading';
    this.#channel.post({ kind: 'unload' });
  }

  #receive(message: Parameters<WorkerEvents['onMessage']>[0]): void {
    switch (message.kind) {
      case 'loaded':
        this.#cancelTimer();
        if (this.#state === 'loading') this.#state = 'loaded';
        this.#settleLoad.resolve(message.instance);
        break;
      case 'failed':
        this.#cancelTimer();
        this.#failed = true;
        this.#settleLoad.reject(new WeftError('FAILED_PRECONDITION', message.reason));
        this.#unload();
        break;
      case 'result': {
        const batch = this.#posted.get(message.ticket);
        this.#posted.delete(message.ticket);
        if (batch === undefined) break;
        const { messages, rows, startedMs, computeMs, computed, sequences } = message;
        for (const bytes of messages) batch.deliver(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
        batch.onDone({ rows, receivedMs: batch.receivedMs, startedMs, computeMs, computed, sequences });
        break;
      }
      case 'incident': {
        const { requestId, method, cause } = message;
        this.#options.log.error('infer.failed', { requestId, method, cause });
        break;
      }
      case 'stream':
        this.#streams.receive(message.stream, message.frame);
        break;
      case 'measures':
        this.#options.measures?.take(message.measures);
        break;
      case 'unloaded':
        // Nobody knows what a load that failed has left behind.
        if (this.#failed || !this.#options.workers.offer(this.#channel)) this.#channel.post({ kind: 'end' });
        else this.#exit('its model was unloaded');
        break;
    }
  }

  #exit(reason: string): void {
    const expected = this.#state !== 'loaded';
    this.#state = 'ended';
    this.#cancelTimer();
    this.#options.measures?.end();
    this.#settleLoad.reject(new WeftError('UNAVAILABLE', reason));
    // Nobody may be waiting for the load any more.
    this.#loaded.catch(() => {});
    const batches = [...this.#posted.values()];
    this.#posted.clear();
    // Told to unload, a worker finishes first: whatever is left here was cut off, and the oldest was running.
    for (const [index, batch] of batches.entries()) {
      batch.deliver(index === 0 ? crashedResult(batch.batchId) : undeliveredResult(batch.batchId));
      batch.onDone(undefined);
    }
    this.#streams.fail(
      new WeftError(
        'UNAVAILABLE',
        `the instance of model '${this.#options.spec.model}' crashed while it had this stream`,
      ),
    );
    this.#settleEnd();
    if (!expected) this.#options.onCrash(reason);
  }
}

/** The batch that ran when the worker died: one of its items may be the cause. */
function crashedResult(batchId: number): Buffer {
  return encodeResult({ batchId, items: [], undelivered: false, crashed: true, last: true });
}

export function undeliveredResult(batchId: number): Buffer {
  return encodeResult({ batchId, items: [], undelivered: true, crashed: false, last: true });
}
