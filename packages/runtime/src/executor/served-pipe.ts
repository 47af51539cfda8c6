// One call of Pipe at the replica: what a router sends in wrappers goes to the executor as it came from the client, and back. How
// the stream failed is told in the last message, so that a gRPC status means only one thing, a lost replica.
//
//   opening ──PipeOpen──► open ──its end, told──► told ──the router ends the call──► over
import { invalidArgument, WeftError } from '@weft/errors';
import {
  decodePipeRequest,
  encodePipeBegun,
  encodePipeEnd,
  Inbox,
  MalformedMessage,
  type OnUnsent,
  pipeMessageFields,
  type PipeRequestPart,
  PipeSender,
  Reassembler,
  type ServerStream,
} from '@weft/rpc';
import type { PipeOpen__Output } from '@weft/rpc/messages/weft/executor/v1/PipeOpen';
import type { Pipe, PipeEnd, PipeStart } from '@weft/dispatch';
import { overLimit } from '../worker/encode-results.ts';
import type { Executor } from './executor.ts';

export interface PipeService {
  readonly executor: Pick<Executor, 'pipe' | 'maxMessageBytes'>;
  /** Logs a failure; returns what the client may hear of it. */
  readonly report: (thrown: unknown) => WeftError;
  /** Hears of what has not left. */
  readonly onUnsent: OnUnsent | undefined;
  /** The call is over. */
  readonly onOver: () => void;
}

/** What a stream of a router has to be for this. */
export type RouterSide = Pick<ServerStream, 'listen' | 'read' | 'write' | 'end'>;

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly pipe: Pipe }
  | { readonly kind: 'told' }
  | { readonly kind: 'over' };

export class ServedPipe {
  readonly #router: RouterSide;
  readonly #service: PipeService;
  readonly #sender: PipeSender;
  readonly #inbox: Inbox<PipeRequestPart>;
  readonly #reassembler = new Reassembler();
  #state: State = { kind: 'opening' };

  constructor(router: RouterSide, service: PipeService) {
    this.#router = router;
    this.#service = service;
    this.#sender = new PipeSender({
      write: (bytes, onLeft) => router.write(bytes, onLeft),
      field: pipeMessageFields.response,
      onRoom: () => {
        if (this.#state.kind === 'open') this.#state.pipe.read();
      },
      onUnsent: service.onUnsent,
    });
    this.#inbox = new Inbox(
      () => router.read(),
      (part) => this.#guarded(() => this.#take(part)),
    );
    router.listen({
      onMessage: (bytes) => this.#guarded(() => this.#inbox.add(decodePipeRequest(bytes))),
      onHalfClose: () => this.#onCallEnd(),
      onRoom() {},
      onGone: () => this.#leave(),
    });
  }

  begin(): void {
    this.#inbox.read();
  }

  /** Nobody waits for it any more. The call itself is the router's to end. */
  cancel(): void {
    const state = this.#state;
    if (state.kind !== 'opening' && state.kind !== 'open') return;
    if (state.kind === 'open') state.pipe.cancel(gone);
    this.#tell({ error: gone, move: undefined });
  }

  #take(part: PipeRequestPart): void {
    const state = this.#state;
    if (part.kind === 'fragment') {
      const whole = this.#reassembler.add(part.piece, part.last);
      const [inside] = whole === undefined ? [] : decodePipeRequest(whole);
      if (inside === undefined) this.#inbox.read();
      else this.#take(inside);
    } else if (state.kind === 'opening') this.#open(part);
    else if (state.kind !== 'open' || part.kind !== 'message') {
      if (state.kind === 'open' && part.kind === 'half_close') state.pipe.halfClose();
      // To the end of the call.
      this.#inbox.read();
    } else this.#pass(part.bytes, state.pipe);
  }

  #pass(bytes: Buffer, pipe: Pipe): void {
    const error = overLimit('request', bytes.length, this.#service.executor.maxMessageBytes);
    if (error !== undefined) {
      pipe.cancel(error);
      this.#tell({ error, move: undefined });
    } else if (pipe.send(bytes)) this.#inbox.read();
  }

  #open(part: PipeRequestPart): void {
    if (part.kind !== 'open') throw notOpened();
    const pipe = this.#service.executor.pipe(startOf(part.open), {
      onResponse: (response) => {
        if (this.#sender.send(response)) pipe.read();
      },
      onRoom: () => this.#inbox.read(),
      onBegun: () => this.#sender.put(encodePipeBegun()),
      onEnd: (end) => this.#tell(end),
    });
    this.#state = { kind: 'open', pipe };
    pipe.read();
    this.#inbox.read();
  }

  /** The router ends the call upon it: ended from here first, it would be reset. */
  #tell({ error, move }: PipeEnd): void {
    this.#state = { kind: 'told' };
    const told = error === undefined || error === gone ? error : this.#service.report(error);
    this.#sender.put(encodePipeEnd(told, move === 'lost' ? undefined : move));
    this.#inbox.read();
  }

  /** Without a word before, the router is gone. */
  #onCallEnd(): void {
    const { kind } = this.#state;
    this.#leave();
    if (kind === 'opening') this.#router.end(notOpened());
    else this.#router.end();
  }

  #leave(): void {
    const state = this.#state;
    this.#state = { kind: 'over' };
    this.#sender.close();
    if (state.kind === 'open') state.pipe.cancel(gone);
    this.#service.onOver();
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      this.#leave();
      this.#router.end(malformed(thrown));
    }
  }
}

function notOpened(): WeftError {
  return invalidArgument('a pipe begins with its PipeOpen');
}

const gone = new WeftError('CANCELLED', 'the client has gone');

function malformed(thrown: unknown): unknown {
  if (!(thrown instanceof MalformedMessage || thrown instanceof RangeError)) return thrown;
  return new WeftError('INVALID_ARGUMENT', `malformed message of a pipe: ${thrown.message}`, { cause: thrown });
}

function startOf({ timeoutUs, ...open }: PipeOpen__Output): PipeStart {
  return { ...open, deadlineMs: timeoutUs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutUs / 1000 };
}
