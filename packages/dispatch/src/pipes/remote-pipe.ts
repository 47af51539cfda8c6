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
  fromServiceError,
  Inbox,
  type OnUnsent,
  pipeIdKey,
  pipeMessageFields,
  pipePath,
  type PipeResponsePart,
  PipeSender,
  Reassembler,
  rpcMethod,
} from '@weft/rpc';
import type { OpenPipe, Pipe, PipeListener, PipeStart } from './pipe.ts';

export interface RemotePipeOptions {
  readonly client: () => Client;
  readonly metadata: () => Metadata;
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
  readonly #sender: PipeSender;
  readonly #inbox: Inbox<PipeResponsePart>;
  readonly #id = randomUUID();
  readonly #reassembler = new Reassembler();
  /** Of the message that the inbox has. */
  #keptBytes = 0;
  #ended = false;
  /** While the call lasts longer than the stream. */
  #farewell: NodeJS.Timeout | undefined;

  constructor(options: RemotePipeOptions, start: PipeStart, listener: PipeListener) {
    this.#options = options;
    this.#listener = listener;
    const metadata = options.metadata();
    metadata.set(pipeIdKey, this.#id);
    this.#stream = new ClientStream(
      options.client(),
      { path: pipePath, metadata },
      { onMessage: (bytes) => this.#receive(bytes), onStatus: (ending) => this.#onStatus(ending) },
    );
    this.#inbox = new Inbox(
      () => {
        this.#keep(0);
        this.#stream.read();
      },
      (part) => this.#take(part),
    );
    this.#sender = new PipeSender({
      write: (bytes, onLeft) => this.#stream.write(bytes, onLeft),
      field: pipeMessageFields.request,
      onRoom: () => listener.onRoom(),
      onUnsent: options.onUnsent,
    });
    this.#sender.put(encodeStart(start), true);
  }

  send(message: Buffer): boolean {
    return this.#sender.send(message);
  }

  halfClose(): void {
    // Ended here the call would end there, and with it the responses.
    this.#sender.put(encodePipeHalfClose());
  }

  read(): void {
    this.#inbox.read();
  }

  cancel(): void {
    if (this.#ended) return;
    this.#leave();
    this.#cancelThere();
  }

  #receive(bytes: Buffer): void {
    // Read to the end of the call, for nothing.
    if (this.#ended) this.#stream.read();
    else this.#add(bytes);
  }

  #add(bytes: Buffer): void {
    try {
      const parts = decodePipeResponse(bytes);
      this.#keep(bytes.length);
      this.#inbox.add(parts);
    } catch (thrown) {
      this.#break(thrown);
    }
  }

  #take(part: PipeResponsePart): void {
    if (this.#ended) return;
    if (part.kind === 'message') this.#listener.onResponse(part.bytes);
    else if (part.kind === 'fragment') this.#reassemble(part.piece, part.last);
    else if (part.kind === 'begun') {
      this.#listener.onBegun();
      this.#inbox.read();
    } else {
      this.#leave();
      this.#listener.onEnd({ error: part.error, move: part.move });
    }
  }

  /** A message in pieces holds one response, or the end. */
  #reassemble(piece: Buffer, last: boolean): void {
    try {
      const whole = this.#reassembler.add(piece, last);
      const [part] = whole === undefined ? [] : decodePipeResponse(whole);
      if (part === undefined) this.#inbox.read();
      else this.#take(part);
    } catch (thrown) {
      this.#break(thrown);
    }
  }

  #break(thrown: unknown): void {
    this.cancel();
    this.#listener.onEnd({ error: toWeftError(thrown), move: undefined });
  }

  #keep(bytes: number): void {
    this.#options.onUnsent?.(bytes - this.#keptBytes);
    this.#keptBytes = bytes;
  }

  /**
   * Ends the call. Not by a reset: servers take many of them for an attack and stop serving the connection, with all its other
   * streams. Only a replica that does not end it, too, is cut off.
   */
  #leave(): void {
    this.#close();
    this.#farewell = setTimeout(() => this.#stream.cancel(), farewellMs).unref();
    this.#stream.halfClose();
    this.#stream.read();
  }

  /** Tells the replica that nobody waits any more. One that does not know the stream, or does not answer, is cut off. */
  #cancelThere(): void {
    const method = rpcMethod(cancelPipePath);
    const request = method.encodeRequest({ pipeId: this.#id });
    const { client, metadata } = this.#options;
    try {
      client().makeUnaryRequest(method.path, asItIs, asItIs, request, metadata(), (error) => {
        if (error !== null) this.#stream.cancel();
      });
    } catch {
      // Of a replica that is given up the channel is closed; what runs on it still runs.
      this.#stream.cancel();
    }
  }

  #onStatus(ending: CallStatus): void {
    clearTimeout(this.#farewell);
    if (this.#ended) return;
    this.#close();
    this.#listener.onEnd(brokenBy(ending));
  }

  #close(): void {
    this.#ended = true;
    this.#sender.close();
    this.#keep(0);
  }
}

const farewellMs = 2_000;

function encodeStart({ deadlineMs, patienceMs, ...rest }: PipeStart): Buffer {
  // 0 would say that there is none.
  const timeoutUs = Number.isFinite(deadlineMs) ? Math.max(1, Math.round((deadlineMs - performance.now()) * 1000)) : 0;
  return encodePipeOpen({ ...rest, timeoutUs, ...(patienceMs === undefined ? {} : { patienceMs }) });
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

/** grpc-js ended the call, not the replica's own word: by what grpc-js says when a connection breaks, the replica was lost. */
function brokenBy(ending: CallStatus): { readonly error: WeftError; readonly move: 'lost' | undefined } {
  const cause = fromServiceError(ending);
  if (!lostCodes.has(ending.code)) return { error: cause, move: undefined };
  return {
    error: new WeftError('UNAVAILABLE', 'the replica was lost while it had this stream', { cause }),
    move: 'lost',
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
