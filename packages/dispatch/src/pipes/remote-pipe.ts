// A stream with a replica over the network: one call of the executor's Pipe.
import { randomUUID } from 'node:crypto';
import { type Client, type Metadata, status } from '@grpc/grpc-js';
import { toWeftError, WeftError } from '@weft/errors';
import {
  type CallStatus,
  cancelPipePath,
  ClientStream,
  decodePipeResponse,
  encodePipeHalfClose,
  encodePipeOpen,
  encodePipeRequest,
  fragmentsOf,
  fromServiceError,
  type OnUnsent,
  pipeIdKey,
  pipePath,
  Reassembler,
  rpcMethod,
} from '@weft/rpc';
import type { OpenPipe, Pipe, PipeListener, PipeStart } from './pipe.ts';

export interface RemotePipeOptions {
  readonly client: () => Client;
  readonly metadata: () => Metadata;
  /** Bounds a response that arrives in pieces. */
  readonly maxMessageBytes: number;
  /** Hears of what is written to the replica and has not left. */
  readonly onUnsent: OnUnsent | undefined;
}

export function remotePipes(options: RemotePipeOptions): OpenPipe {
  return (start, listener) => new RemotePipe(options, start, listener);
}

class RemotePipe implements Pipe {
  readonly #options: RemotePipeOptions;
  readonly #listener: PipeListener;
  readonly #stream: ClientStream;
  readonly #id = randomUUID();
  readonly #reassembler: Reassembler;
  #ended = false;
  /** While the call lasts longer than the stream. */
  #farewell: NodeJS.Timeout | undefined;

  constructor(options: RemotePipeOptions, start: PipeStart, listener: PipeListener) {
    this.#options = options;
    this.#listener = listener;
    this.#reassembler = new Reassembler(options.maxMessageBytes * 2);
    const metadata = options.metadata();
    metadata.set(pipeIdKey, this.#id);
    const { onUnsent } = options;
    this.#stream = new ClientStream(
      options.client(),
      { path: pipePath, metadata, onUnsent },
      {
        onMessage: (message) => this.#receive(message),
        onRoom: () => {
          if (!this.#ended) listener.onRoom();
        },
        onStatus: (ending) => this.#onStatus(ending),
      },
    );
    this.#stream.send(encodeStart(start));
  }

  send(message: Buffer): boolean {
    let room = false;
    for (const piece of fragmentsOf(encodePipeRequest(message))) room = this.#stream.send(piece);
    return room;
  }

  halfClose(): void {
    // Ended here the call would end there, and with it the responses.
    this.#stream.send(encodePipeHalfClose());
  }

  read(): void {
    this.#stream.read();
  }

  cancel(): void {
    if (this.#ended) return;
    this.#leave();
    this.#cancelThere();
  }

  #receive(bytes: Buffer): void {
    if (this.#ended) {
      // Read to the end of the call, for nothing.
      this.#stream.read();
      return;
    }
    try {
      this.#take(bytes);
    } catch (thrown) {
      this.cancel();
      this.#listener.onEnd({ error: toWeftError(thrown), movable: false });
    }
  }

  #take(bytes: Buffer): void {
    let part = decodePipeResponse(bytes);
    if (part.kind === 'fragment') {
      const whole = this.#reassembler.add(part.piece, part.last);
      if (whole !== undefined) part = decodePipeResponse(whole);
    }
    if (part.kind === 'message') this.#listener.onResponse(part.bytes);
    else if (part.kind === 'end') {
      this.#leave();
      this.#listener.onEnd({ error: part.error, movable: part.unbegun });
    } else this.#stream.read();
  }

  /**
   * Ends the call. Not by a reset: servers take many of them for an attack and stop serving the connection, with all its other
   * streams. Only a replica that does not end it, too, is cut off.
   */
  #leave(): void {
    this.#ended = true;
    this.#farewell = setTimeout(() => this.#stream.cancel(), farewellMs).unref();
    this.#stream.halfClose();
    this.#stream.read();
  }

  /** Tells the replica that nobody waits any more. One that does not know the stream, or does not answer, is cut off. */
  #cancelThere(): void {
    const method = rpcMethod(cancelPipePath);
    const request = method.encodeRequest({ pipeId: this.#id });
    const { client, metadata } = this.#options;
    client().makeUnaryRequest(method.path, asItIs, asItIs, request, metadata(), (error) => {
      if (error !== null) this.#stream.cancel();
    });
  }

  #onStatus(ending: CallStatus): void {
    clearTimeout(this.#farewell);
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.onEnd(brokenBy(ending));
  }
}

const farewellMs = 2_000;

function encodeStart({ deadlineMs, ...rest }: PipeStart): Buffer {
  // 0 would say that there is none.
  const timeoutUs = Number.isFinite(deadlineMs) ? Math.max(1, Math.round((deadlineMs - performance.now()) * 1000)) : 0;
  return encodePipeOpen({ ...rest, timeoutUs });
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

/** grpc-js ended the call, not the replica's own word: by what grpc-js says when a connection breaks, the replica was lost. */
function brokenBy(ending: CallStatus): { readonly error: WeftError; readonly movable: boolean } {
  const cause = fromServiceError(ending);
  if (!lostCodes.has(ending.code)) return { error: cause, movable: false };
  return {
    error: new WeftError('UNAVAILABLE', 'the replica was lost while it had this stream', { cause }),
    movable: true,
  };
}

/** OK too: it has ended the call without a word. */
const lostCodes: ReadonlySet<status> = new Set([
  status.OK,
  status.UNAVAILABLE,
  status.CANCELLED,
  status.INTERNAL,
  status.UNKNOWN,
]);
