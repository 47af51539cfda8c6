// A stream with a server, as undecoded messages that are read one by one when they are asked for: the counterpart of server-stream.ts.
// An interceptor keeps grpc-js's call to itself, and the stream object that grpc-js makes for it stays unused.
import { type Client, InterceptingCall, type Metadata, type NextCall, status } from '@grpc/grpc-js';

/** What grpc-js says of the end of a call. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

export interface ClientStreamListener {
  /** The answer to a `read`, never from within it. */
  onMessage(message: Buffer): void;
  /** It is over: nothing more is heard. That it ended well is only heard once all messages were read. */
  onStatus(status: CallStatus): void;
}

export interface ClientStreamTerms {
  /** Full path of the method. */
  readonly path: string;
  readonly metadata: Metadata;
}

type Call = ReturnType<NextCall>;

export class ClientStream {
  readonly #call: Call;
  #ended = false;

  constructor(client: Client, terms: ClientStreamTerms, listener: ClientStreamListener) {
    this.#call = openCall(client, terms, {
      onReceiveMetadata() {},
      onReceiveMessage: (message: Buffer) => {
        if (!this.#ended) listener.onMessage(message);
      },
      onReceiveStatus: (ending) => {
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

  /** To be called again once `onLeft` was: before, grpc-js would keep one more and lose the next. Not called back after the end. */
  write(message: Buffer, onLeft: () => void): void {
    if (!this.#ended) this.#call.sendMessageWithContext({ callback: onLeft }, message);
  }

  /** Nothing more is written. */
  halfClose(): void {
    this.#call.halfClose();
  }

  cancel(): void {
    this.#call.cancelWithStatus(status.CANCELLED, 'Cancelled on client');
  }
}

type CallListener = NonNullable<Parameters<Call['start']>[1]>;

function openCall(client: Client, { path, metadata }: ClientStreamTerms, listener: CallListener): Call {
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
