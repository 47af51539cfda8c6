// One ModelStreamInfer of a client, taken apart: each message is a call of its own, by the same path as a ModelInfer, and so in
// batches with those; of a decoupled model a stream of its own. Responses of ordinary models keep the order of their requests,
// those of decoupled ones come as they come. What fails is told in the stream, which goes on. Of what is in flight there is a
// limit, until the client has taken the answers; beyond it nothing more is read.
import { refusal, toWeftError, type WeftError } from '@weft/errors';
import {
  type CallContext,
  idOfRefused,
  inferPath,
  type InferRequestScan,
  scanInferRequest,
  streamInferPath,
} from '@weft/rpc';
import type { Inventory } from '../inventory.ts';
import { requireName } from '../open-inference/model-calls.ts';
import { readyVersion } from '../resolve-version.ts';
import type { Shuttle } from '../shuttle.ts';
import { Outbox } from './outbox.ts';
import { emptyFinalResponse, errorResponse, finalFlagOf, streamResponse, wantsEmptyFinal } from './stream-response.ts';
import type { StreamShuttle } from './stream-shuttle.ts';

export interface InferStreamOptions {
  readonly shuttle: Shuttle;
  readonly stream: StreamShuttle;
  readonly inventory: () => Inventory;
  /** Logs the failure of one request. */
  readonly report: (error: WeftError) => void;
}

const inflightLimit = { messages: 128, bytes: 32 * 1024 * 1024 };

/** The place of a request in the order of its stream. */
interface Turn {
  answer: { readonly bytes: Buffer } | { readonly error: WeftError } | undefined;
  readonly id: string;
  /** Of the request, then of its answer. */
  size: number;
}

export class InferStream {
  readonly #options: InferStreamOptions;
  readonly #context: CallContext;
  /** The client wants the first failure as the status of the stream. */
  readonly #endsAtFailure: boolean;
  readonly #outbox = new Outbox();
  readonly #turns: Turn[] = [];
  /** Cancels what is in flight. */
  readonly #open = new Set<() => void>();
  readonly #inflight = { messages: 0, bytes: 0 };
  #onRoom: () => void = () => {};

  constructor(options: InferStreamOptions, context: CallContext) {
    this.#options = options;
    this.#context = context;
    this.#endsAtFailure = context.metadata.get('triton_grpc_error')[0] === 'true';
  }

  /** Takes the requests and gives their responses, to be called once. */
  async *answer(requests: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
    const reading = this.#read(requests).then(
      () => this.#outbox.end(),
      (thrown: unknown) => this.#outbox.end(toWeftError(thrown)),
    );
    try {
      yield* this.#outbox.read();
      await reading;
    } finally {
      for (const cancel of [...this.#open]) cancel();
      this.#outbox.end();
      this.#onRoom();
    }
  }

  async #read(requests: AsyncIterable<Buffer>): Promise<void> {
    for await (const payload of requests) {
      this.#accept(payload);
      while (this.#full) await this.#room();
    }
    while (this.#inflight.messages > 0) await this.#room();
  }

  get #full(): boolean {
    const { messages, bytes } = this.#inflight;
    return messages >= inflightLimit.messages || bytes >= inflightLimit.bytes;
  }

  #room(): Promise<void> {
    return new Promise((resolve) => (this.#onRoom = resolve));
  }

  #accept(payload: Buffer): void {
    this.#inflight.messages++;
    this.#inflight.bytes += payload.length;
    try {
      const scan = scanInferRequest(payload);
      requireName(scan.model);
      if (this.#decoupled(scan)) this.#stream(payload, scan);
      else this.#call(payload, scan);
    } catch (thrown) {
      const turn = this.#turn(payload, idOfRefused(payload));
      this.#settle(turn, { error: toWeftError(thrown) });
    }
  }

  #decoupled({ model, version }: InferRequestScan): boolean {
    const view = readyVersion(this.#options.inventory(), model, version);
    return view?.entry.config?.modelTransactionPolicy?.decoupled === true;
  }

  #turn({ length: size }: Buffer, id: string): Turn {
    const turn = { answer: undefined, id, size };
    this.#turns.push(turn);
    return turn;
  }

  #call(payload: Buffer, scan: InferRequestScan): void {
    const { model, version, id, firstDimension: rows, priority, timeoutUs, sequence } = scan;
    const { identity, deadlineMs, traceparent } = this.#context;
    const timeoutMs = timeoutUs === 0 ? Number.POSITIVE_INFINITY : timeoutUs / 1000;
    const turn = this.#turn(payload, id);
    let cancel: (() => void) | undefined;
    this.#options.shuttle(
      { payload, model, version, rows, priority, timeoutMs, sequence },
      {
        ...{ path: inferPath, identity, deadlineMs, traceparent },
        onCancelled: (listener) => {
          cancel = listener;
          this.#open.add(listener);
        },
      },
      (error, response) => {
        if (cancel !== undefined) this.#open.delete(cancel);
        this.#settle(turn, error === undefined ? { bytes: streamResponse(response as Uint8Array, true) } : { error });
      },
    );
  }

  #settle(turn: Turn, answer: NonNullable<Turn['answer']>): void {
    turn.answer = answer;
    for (let head = this.#turns[0]; head?.answer !== undefined; head = this.#turns[0]) {
      this.#turns.shift();
      const { id, size } = head;
      const message = 'bytes' in head.answer ? head.answer.bytes : this.#failed(head.answer.error, id);
      if (message === undefined) return;
      this.#inflight.bytes += message.length - size;
      this.#outbox.put(message, () => this.#leave(message.length));
    }
  }

  /** What the client hears of a failure; undefined when that is the end of the stream. */
  #failed(error: WeftError, id: string): Buffer | undefined {
    if (this.#endsAtFailure) {
      this.#outbox.end(error);
      return undefined;
    }
    this.#options.report(error);
    return errorResponse(error.message, id);
  }

  #stream(payload: Buffer, { model, version, id, priority }: InferRequestScan): void {
    const { identity, deadlineMs, traceparent } = this.#context;
    let served = version;
    let final = false;
    const leave = (): void => {
      this.#open.delete(cancel);
      this.#leave(payload.length);
    };
    const pipe = this.#options.stream(
      {
        ...{ path: streamInferPath, identity, deadlineMs, traceparent, model, version, priority, first: payload },
        onChosen: (view) => void (served = view.version),
      },
      {
        onResponse: (response) => {
          const said = finalFlagOf(response);
          final ||= said === true;
          // The next one is asked for when the client has taken this one.
          this.#outbox.put(streamResponse(response, said === undefined ? false : undefined), () => pipe.read());
        },
        onRoom() {},
        onEnd: (error) => {
          const empty = error === undefined && !final && wantsEmptyFinal(payload);
          const last = empty ? emptyFinalResponse(model, served, id) : error && this.#failed(error, id);
          if (last === undefined) leave();
          else this.#outbox.put(last, leave);
        },
      },
    );
    const cancel = (): void => {
      pipe.cancel(refusal('CANCELLED', 'the client has gone'));
      leave();
    };
    this.#open.add(cancel);
    pipe.halfClose();
    pipe.read();
  }

  #leave(bytes: number): void {
    this.#inflight.messages--;
    this.#inflight.bytes -= bytes;
    if (!this.#full) this.#onRoom();
  }
}
