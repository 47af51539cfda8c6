// A stream with a server, as undecoded messages that are read one by one when they are asked for: the counterpart of server-stream.ts.
// An interceptor keeps grpc-js's call to itself, and the stream object that grpc-js makes for it stays unused.
import { type Client, InterceptingCall, type Metadata, type NextCall, status } from '@grpc/grpc-js';
import { type OnUnsent, SendWindow } from './send-window.ts';

/** What grpc-js says of the end of a call. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

export interface ClientStreamListener {
  /** The answer to a `read`, never from within it. */
  onMessage(message: Buffer): void;
  /** More may be sent, after `send` has said no. */
  onRoom(): void;
  /** It is over: nothing more is heard. That it ended well is only heard once all messages were read. */
  onStatus(status: CallStatus): void;
}

export interface ClientStreamOptions {
  /** Full path of the method. */
  readonly path: string;
  readonly metadata: Metadata;
  readonly onUnsent: OnUnsent | undefined;
}

type Call = ReturnType<NextCall>;

export class ClientStream {
  readonly #call: Call;
  readonly #window: SendWindow;
  #ended = false;
  /** What came before the first message had left: until then grpc-js keeps one and no more. */
  readonly #held: Buffer[] = [];
  #state: 'new' | 'beginning' | 'begun' | 'closed' = 'new';

  constructor(client: Client, { path, metadata, onUnsent }: ClientStreamOptions, listener: ClientStreamListener) {
    this.#window = new SendWindow(() => {
      if (!this.#ended) listener.onRoom();
    }, onUnsent);
    this.#call = openCall(client, path, metadata, {
      onReceiveMetadata() {},
      onReceiveMessage: (message: Buffer) => {
        if (!this.#ended) listener.onMessage(message);
      },
      onReceiveStatus: (ending) => {
        this.#window.close();
        if (this.#ended) return;
        this.#ended = true;
        listener.onStatus(ending);
      },
    });
  }

  /** Asks for one message. */
  read(): void {
    this.#call.startRead();
  }

  /** Answers whether there is room for more: who sends on nevertheless is not bounded. */
  send(message: Buffer): boolean {
    if (this.#ended || this.#state === 'closed') return false;
    const room = this.#window.sent(message.length);
    if (this.#state === 'beginning') this.#held.push(message);
    else this.#write(message);
    return room;
  }

  /** Nothing more is sent. What was sent in this turn need not arrive. */
  halfClose(): void {
    this.#state = 'closed';
    // grpc-js would end it between two messages that it has taken, and reset it at the second one.
    setImmediate(() => this.#call.halfClose());
  }

  cancel(): void {
    this.#call.cancelWithStatus(status.CANCELLED, 'Cancelled on client');
  }

  #write(message: Buffer): void {
    const { length } = message;
    if (this.#state === 'new') this.#state = 'beginning';
    this.#call.sendMessageWithContext({ callback: () => this.#onLeft(length) }, message);
  }

  #onLeft(length: number): void {
    if (this.#state === 'beginning') {
      this.#state = 'begun';
      for (const message of this.#held.splice(0)) this.#write(message);
    }
    this.#window.left(length);
  }
}

type CallListener = NonNullable<Parameters<Call['start']>[1]>;

function openCall(client: Client, path: string, metadata: Metadata, listener: CallListener): Call {
  let taken: Call | undefined;
  client.makeBidiStreamRequest(path, asItIs, asItIs, metadata, {
    interceptors: [
      (options, nextCall) => {
        const call = nextCall(options);
        taken = call;
        return new InterceptingCall(call, { start: (given) => call.start(given, listener) });
      },
    ],
  });
  if (taken === undefined) throw new Error('grpc-js has not called the interceptor');
  return taken;
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}
