// One call of Pipe at the replica: what a router sends in wrappers goes to the executor as it came from the client, and back. How
// the stream failed is told in the last message, so that a gRPC status means only one thing, a lost replica.
//
//   opening ──PipeOpen──► open ──its end, told──► told ──the router ends the call──► over
import { invalidArgument, WeftError } from '@weft/errors';
import {
  decodePipeRequest,
  encodePipeEnd,
  encodePipeResponse,
  fragmentsOf,
  MalformedMessage,
  type PipeRequestPart,
  Reassembler,
  type ServerStream,
} from '@weft/rpc';
import type { PipeOpen__Output } from '@weft/rpc/messages/weft/executor/v1/PipeOpen';
import type { Pipe, PipeEnd, PipeStart } from '@weft/dispatch';
import type { Executor } from './executor.ts';

export interface PipeService {
  readonly executor: Pick<Executor, 'pipe' | 'maxMessageBytes'>;
  /** Logs a failure; returns what the client may hear of it. */
  readonly report: (thrown: unknown) => WeftError;
  /** The call is over. */
  readonly onOver: () => void;
}

/** What a stream of a router has to be for this. */
export type RouterSide = Pick<ServerStream, 'listen' | 'read' | 'send' | 'end'>;

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly pipe: Pipe }
  | { readonly kind: 'told' }
  | { readonly kind: 'over' };

export class ServedPipe {
  readonly #router: RouterSide;
  readonly #service: PipeService;
  readonly #reassembler: Reassembler;
  #state: State = { kind: 'opening' };

  constructor(router: RouterSide, service: PipeService) {
    this.#router = router;
    this.#service = service;
    this.#reassembler = new Reassembler(service.executor.maxMessageBytes * 2);
    router.listen({
      onMessage: (message) => this.#receive(message),
      onHalfClose: () => this.#onCallEnd(),
      onRoom: () => {
        if (this.#state.kind === 'open') this.#state.pipe.read();
      },
      onGone: () => this.#leave(),
    });
  }

  begin(): void {
    this.#router.read();
  }

  /** Nobody waits for it any more. The call itself is the router's to end. */
  cancel(): void {
    if (this.#state.kind !== 'open') return;
    this.#state.pipe.cancel(gone);
    this.#tell({ error: gone, movable: false });
  }

  #receive(bytes: Buffer): void {
    try {
      const part = this.#wholePart(bytes);
      const state = this.#state;
      if (state.kind === 'opening') this.#open(part);
      else if (state.kind !== 'open' || part?.kind !== 'message') {
        // Asked on: nothing follows a half-close but the end of the call.
        if (state.kind === 'open' && part?.kind === 'half_close') state.pipe.halfClose();
        this.#router.read();
      } else if (state.pipe.send(part.bytes)) this.#router.read();
    } catch (thrown) {
      this.#leave();
      this.#router.end(malformed(thrown));
    }
  }

  /** Undefined as long as it is not whole. */
  #wholePart(bytes: Buffer): PipeRequestPart | undefined {
    const part = decodePipeRequest(bytes);
    if (part.kind !== 'fragment') return part;
    const whole = this.#reassembler.add(part.piece, part.last);
    return whole === undefined ? undefined : decodePipeRequest(whole);
  }

  #open(part: PipeRequestPart | undefined): void {
    if (part?.kind !== 'open') throw invalidArgument('a pipe begins with its PipeOpen');
    const pipe = this.#service.executor.pipe(startOf(part.open), {
      onResponse: (response) => {
        let room = false;
        for (const piece of fragmentsOf(encodePipeResponse(response))) room = this.#router.send(piece);
        if (room) pipe.read();
      },
      onRoom: () => this.#router.read(),
      onEnd: (end) => this.#tell(end),
    });
    this.#state = { kind: 'open', pipe };
    pipe.read();
    this.#router.read();
  }

  /** The router ends the call upon it: ended from here first, it would be reset. */
  #tell({ error, movable }: PipeEnd): void {
    this.#state = { kind: 'told' };
    const told = error === undefined || error === gone ? error : this.#service.report(error);
    this.#router.send(encodePipeEnd(told, movable));
    this.#router.read();
  }

  /** Without a word before, the router is gone. */
  #onCallEnd(): void {
    const { kind } = this.#state;
    this.#leave();
    if (kind === 'opening') this.#router.end(invalidArgument('a pipe begins with its PipeOpen'));
    else this.#router.end();
  }

  #leave(): void {
    const state = this.#state;
    this.#state = { kind: 'over' };
    if (state.kind === 'open') state.pipe.cancel(gone);
    this.#service.onOver();
  }
}

const gone = new WeftError('CANCELLED', 'the client has gone');

function malformed(thrown: unknown): unknown {
  if (!(thrown instanceof MalformedMessage || thrown instanceof RangeError)) return thrown;
  return new WeftError('INVALID_ARGUMENT', `malformed message of a pipe: ${thrown.message}`, { cause: thrown });
}

function startOf({ timeoutUs, ...open }: PipeOpen__Output): PipeStart {
  return { ...open, deadlineMs: timeoutUs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutUs / 1000 };
}
