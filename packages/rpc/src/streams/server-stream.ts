// A stream of a client at a server, as undecoded messages that are read one by one when they are asked for. grpc-js's own stream
// objects read sixteen messages ahead, however large, and cost a message more than its bytes: so the call is taken over where an
// interceptor gets it (rpc-server.ts), before there is a stream object.
import { type ServerInterceptingCallInterface, status } from '@grpc/grpc-js';
import { toServiceError } from '../status.ts';
import type { WeftError } from '@weft/errors';
import type { CallContext, ServerCall } from '../server/call-context.ts';
import { receivedTooLarge, sentTooLarge } from '../server/message-limit.ts';
import { type OnUnsent, SendWindow } from './send-window.ts';

export interface ServerStreamListener {
  /** The answer to a `read`. The stream may be asked for the next one at once. */
  onMessage(message: Buffer): void;
  /** The answer to a `read`: the client sends no more. */
  onHalfClose(): void;
  /** More may be sent, after `send` has said no. */
  onRoom(): void;
  /** The client has cancelled, gone away, its deadline has passed, or a message is over the limit: nothing is heard any more. Not after `end`. */
  onGone(): void;
}

export interface TakenCall {
  readonly call: ServerInterceptingCallInterface;
  /** Lets it in, or throws why not. */
  readonly admit: (shown: ServerCall) => CallContext;
  /** Logs how it failed; returns what the client may hear of it. */
  readonly report: (thrown: unknown) => WeftError;
  /** Of each message, either way: one over it ends the call. */
  readonly maxMessageBytes: number;
  readonly onUnsent: OnUnsent | undefined;
}

export class ServerStream {
  readonly context: CallContext;
  readonly #report: TakenCall['report'];
  readonly #call: ServerInterceptingCallInterface;
  readonly #window: SendWindow;
  readonly #maxMessageBytes: number;
  #listener: ServerStreamListener = deaf;
  #ended = false;
  /** Asked for a message that has not come. */
  #wanted = false;
  /** In `read`: who is answered in it and asks again is answered by it, not from within. */
  #reading = false;

  constructor(context: CallContext, options: Omit<TakenCall, 'admit'>) {
    this.context = context;
    this.#report = options.report;
    this.#call = options.call;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#window = new SendWindow(() => {
      if (!this.#ended) this.#listener.onRoom();
    }, options.onUnsent);
  }

  /** To be called before the first `read`. */
  listen(listener: ServerStreamListener): void {
    this.#listener = listener;
  }

  /** Asks for one message, or the half-close. */
  read(): void {
    this.#wanted = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#wanted && !this.#ended) {
      this.#wanted = false;
      // What is there is delivered within the call.
      this.#call.startRead();
    }
    this.#reading = false;
  }

  /** Answers whether there is room for more: who sends on nevertheless is not bounded. */
  send(message: Buffer): boolean {
    if (this.#ended || !this.#fits(message)) return false;
    const { length } = message;
    const room = this.#window.sent(length);
    this.#call.sendMessage(message, () => this.#window.left(length));
    return room;
  }

  /** Likewise, for who keeps the account of what has not left. */
  write(message: Buffer, onLeft: () => void): void {
    if (!this.#ended && this.#fits(message)) this.#call.sendMessage(message, onLeft);
  }

  /** The end, after what was sent: OK, or with what was thrown. The first end counts. */
  end(...thrown: readonly [] | readonly [thrown: unknown]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#call.sendStatus(
      thrown.length === 0 ? { code: status.OK, details: 'OK' } : toServiceError(this.#report(thrown[0])),
    );
  }

  /** Of the call. */
  receive(message: Buffer): void {
    if (this.#ended) return;
    const { length } = message;
    if (length > this.#maxMessageBytes) this.#cutOff(receivedTooLarge(length, this.#maxMessageBytes));
    else this.#listener.onMessage(message);
  }

  /** Of the call: a client that goes away in the middle looks as if it had ended, and a turn later as what it is. */
  receiveHalfClose(): void {
    setImmediate(() => {
      if (!this.#ended) this.#listener.onHalfClose();
    });
  }

  /** Of the call: it is over, whoever has ended it. */
  close(): void {
    this.#window.close();
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.onGone();
  }

  #fits({ length }: Buffer): boolean {
    if (length <= this.#maxMessageBytes) return true;
    this.#cutOff(sentTooLarge(length, this.#maxMessageBytes));
    return false;
  }

  #cutOff(error: WeftError): void {
    this.end(error);
    this.#window.close();
    // Who sends does not expect to be told of its end from within.
    process.nextTick(() => this.#listener.onGone());
  }
}

const deaf: ServerStreamListener = { onMessage() {}, onHalfClose() {}, onRoom() {}, onGone() {} };

/** Takes a call over. `accept` listens to its stream, or throws how it ends. */
export function takeOver(taken: TakenCall, accept: (stream: ServerStream) => void): void {
  const { call, admit, report } = taken;
  const onCancelled: (() => void)[] = [];
  let stream: ServerStream | undefined;
  call.start({
    onReceiveMetadata(metadata) {
      const shown: ServerCall = {
        metadata,
        getPeer: () => call.getPeer(),
        getDeadline: () => call.getDeadline(),
        getAuthContext: () => call.getAuthContext(),
        once: (_event, listener) => onCancelled.push(listener),
      };
      try {
        stream = new ServerStream(admit(shown), taken);
        accept(stream);
      } catch (thrown) {
        if (stream === undefined) call.sendStatus(toServiceError(report(thrown)));
        else stream.end(thrown);
      }
    },
    onReceiveMessage: (message: Buffer) => stream?.receive(message),
    onReceiveHalfClose: () => stream?.receiveHalfClose(),
    onCancel() {
      for (const listener of onCancelled) listener();
      stream?.close();
    },
  });
}
