// One ModelStreamInfer of a client, taken apart: each message is a call of its own, by the same path as a ModelInfer, and so in
// batches with those; of a decoupled model a stream of its own. Responses of ordinary models keep the order of their requests,
// those of decoupled ones come as they come. What fails is told in the stream, which goes on. Of what is in flight there is a
// limit, until the client has taken the answers; beyond it nothing more is read (stream-account.ts). A client that goes takes all
// of it along, whether or not anything is read or written then.
import { refusal, toWeftError, WeftError } from '@weft/errors';
import {
  type CallContext,
  idOfRefused,
  inferPath,
  type InferRequestScan,
  type OnUnsent,
  scanInferRequest,
  streamInferPath,
} from '@weft/rpc';
import type { Inventory } from '../replicas/inventory.ts';
import { requireName } from '../open-inference/model-calls.ts';
import { readyVersion } from '../engine/resolve-version.ts';
import type { Shuttle } from '../engine/shuttle.ts';
import { Outbox } from './outbox.ts';
import { StreamAccount } from './stream-account.ts';
import { emptyFinalResponse, errorResponse, finalFlagOf, streamResponse, wantsEmptyFinal } from './stream-response.ts';
import type { StreamShuttle } from './stream-shuttle.ts';

export interface InferStreamOptions {
  readonly shuttle: Shuttle;
  readonly stream: StreamShuttle;
  readonly inventory: () => Inventory;
  /** Logs the failure of one request. */
  readonly report: (error: WeftError) => void;
  /** Hears of answers that are there and that the client has not taken. */
  readonly onUnsent: OnUnsent | undefined;
}

/** The place of a request in the order of its stream. */
interface Turn {
  /** What the client hears; an error is the end of the stream. */
  answer: Buffer | WeftError | undefined;
  readonly id: string;
  /** What it counts, as itself and then as its answer. */
  size: number;
}

export class InferStream {
  readonly #options: InferStreamOptions;
  readonly #context: CallContext;
  /** The client wants the first failure as the status of the stream. */
  readonly #endsAtFailure: boolean;
  readonly #outbox = new Outbox(({ length }) => this.#account.give(length));
  readonly #turns: Turn[] = [];
  /** Cancels what is in flight. */
  readonly #open = new Set<() => void>();
  readonly #account: StreamAccount;
  #over = false;
  #onRoom: () => void = () => {};

  constructor(options: InferStreamOptions, context: CallContext) {
    this.#options = options;
    this.#context = context;
    this.#account = new StreamAccount(options.onUnsent);
    this.#endsAtFailure = context.metadata.get('triton_grpc_error')[0] === 'true';
  }

  /**
   * Takes the requests and gives their responses, to be called once. `signal` has to abort when the client goes, and when nobody is to
   * read any more.
   */
  answer(requests: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    const onGone = (): void => {
      this.#end();
      for (const cancel of [...this.#open]) cancel();
      this.#account.close();
    };
    signal.addEventListener('abort', onGone, { once: true });
    this.#read(requests).then(
      () => this.#end(),
      (thrown: unknown) => this.#end(toWeftError(thrown)),
    );
    return this.#outbox.read();
  }

  /** Nothing more is read or answered; what is in flight is given up when the stream is over for its client too. */
  #end(error?: WeftError): void {
    if (this.#over) return;
    this.#over = true;
    this.#outbox.end(error);
    this.#onRoom();
  }

  async #read(requests: AsyncIterable<Buffer>): Promise<void> {
    for await (const payload of requests) {
      if (this.#over) return;
      this.#accept(payload);
      while (this.#account.full && !this.#over) await this.#room();
    }
    while (!this.#account.empty && !this.#over) await this.#room();
  }

  #room(): Promise<void> {
    return new Promise((resolve) => (this.#onRoom = resolve));
  }

  #accept(payload: Buffer): void {
    try {
      const scan = scanInferRequest(payload);
      requireName(scan.model);
      if (this.#decoupled(scan)) this.#stream(payload, scan);
      else this.#call(payload, scan);
    } catch (thrown) {
      const turn = this.#turn(payload, { model: '', id: idOfRefused(payload) });
      this.#settle(turn, this.#failed(toWeftError(thrown), turn.id));
    }
  }

  #decoupled({ model, version }: InferRequestScan): boolean {
    const view = readyVersion(this.#options.inventory(), model, version);
    return view?.entry.config?.modelTransactionPolicy?.decoupled === true;
  }

  #turn({ length }: Buffer, { model, id }: Pick<InferRequestScan, 'model' | 'id'>): Turn {
    const turn = { answer: undefined, id, size: this.#account.enter(model, length) };
    this.#turns.push(turn);
    return turn;
  }

  #call(payload: Buffer, scan: InferRequestScan): void {
    const { model, version, firstDimension: rows, priority, timeoutUs, sequence } = scan;
    const { identity, deadlineMs, traceparent } = this.#context;
    const timeoutMs = timeoutUs === 0 ? Number.POSITIVE_INFINITY : timeoutUs / 1000;
    const turn = this.#turn(payload, scan);
    let cancel: (() => void) | undefined;
    this.#options.shuttle(
      { payload, model, version, rows, priority, timeoutMs, sequence },
      {
        ...{ path: inferPath, identity, deadlineMs, traceparent },
        onCancelled: (listener) => {
          // One that was refused at once has its answer before there is anything to cancel.
          if (turn.answer !== undefined) return;
          cancel = listener;
          this.#open.add(listener);
        },
      },
      (error, response) => {
        if (cancel !== undefined) this.#open.delete(cancel);
        if (error !== undefined) return this.#settle(turn, this.#failed(error, turn.id));
        const answer = streamResponse(response as Uint8Array, true);
        this.#account.learn(model, answer.length);
        this.#settle(turn, answer);
      },
    );
  }

  #settle(turn: Turn, answer: Buffer | WeftError): void {
    if (this.#over) return;
    turn.answer = answer;
    if (Buffer.isBuffer(answer)) {
      // Also one that waits for its turn is there.
      turn.size = this.#become(turn.size, answer.length);
      this.#account.hold(answer.length);
    }
    for (let head = this.#turns[0]; head?.answer !== undefined; head = this.#turns[0]) {
      this.#turns.shift();
      const { answer: message, size } = head;
      if (message instanceof WeftError) return this.#end(message);
      this.#outbox.put(message, () => this.#leave(size));
    }
  }

  /** What the client hears of a failure; the error itself where that is the end of the stream. */
  #failed(error: WeftError, id: string): Buffer | WeftError {
    if (this.#endsAtFailure) return error;
    this.#options.report(error);
    return errorResponse(error.message, id);
  }

  #stream(payload: Buffer, { model, version, id, priority }: InferRequestScan): void {
    const { identity, deadlineMs, traceparent } = this.#context;
    let served = version;
    let final = false;
    const leave = (): void => {
      this.#open.delete(cancel);
      this.#leave(size);
    };
    const put = (message: Buffer, onTaken: () => void): void => {
      if (this.#over) return;
      this.#account.hold(message.length);
      this.#outbox.put(message, onTaken);
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
          size = this.#become(size, this.#account.learn(model, response.length));
          // The next one is asked for when the client has taken this one.
          put(streamResponse(response, said === undefined ? false : undefined), () => pipe.read());
        },
        onRoom() {},
        onEnd: (error) => {
          const empty = error === undefined && !final && wantsEmptyFinal(payload);
          const last = empty ? emptyFinalResponse(model, served, id) : error && this.#failed(error, id);
          if (last instanceof WeftError) return this.#end(last);
          if (last === undefined) leave();
          else put(last, leave);
        },
      },
    );
    // Nothing of the above is called before.
    let size = this.#account.enter(model, payload.length);
    const cancel = (): void => {
      pipe.cancel(refusal('CANCELLED', 'the client has gone'));
      leave();
    };
    this.#open.add(cancel);
    pipe.halfClose();
    pipe.read();
  }

  #become(before: number, bytes: number): number {
    this.#account.become(before, bytes);
    if (!this.#account.full) this.#onRoom();
    return bytes;
  }

  #leave(size: number): void {
    this.#account.leave(size);
    if (!this.#account.full) this.#onRoom();
  }
}
