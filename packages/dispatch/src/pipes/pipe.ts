// One stream of a client with one replica, as raw messages both ways. Everything on its way is of this form: the executor in this
// process, a replica over the network, and what chooses among them. Calls go towards the replica, and what comes back is heard by
// a listener: a message costs a few of those and no promise. Neither side gets more than it has asked for: a response comes for
// each `read`, and who has sent a message waits for room when there is no more.
import type { WeftError } from '@weft/errors';
import type { PipeMove } from '@weft/rpc';

export interface PipeStart {
  readonly model: string;
  /** Concrete. */
  readonly version: string;
  /** Full path of the method. */
  readonly method: string;
  /** An instant of performance.now(); Infinity without a deadline. */
  readonly deadlineMs: number;
  readonly traceparent: string;
  readonly tenant: string;
  /** 1 is the highest, 0 the model's default. */
  readonly priority: number;
  /** `onBegun` is asked for. */
  readonly tellBegun: boolean;
  /** How long it may wait there for a slot: then it ends, `full`. Undefined: as long as it takes. */
  readonly patienceMs?: number | undefined;
}

export interface Pipe {
  /** A message of the client. Answers whether there is room for another one; there is for the first. */
  send(message: Buffer): boolean;
  /** The client sends no more. */
  halfClose(): void;
  /** Asks for one response. */
  read(): void;
  /** Ends the stream, wherever it runs; its listener hears nothing any more. After the end it does nothing. */
  cancel(reason: WeftError): void;
}

/** Hears nothing before the pipe was given, and nothing after its end. */
export interface PipeListener {
  /** The answer to a `read`. The pipe may be asked for the next one at once. */
  onResponse(response: Buffer): void;
  /** There is room again, after `send` has said no. */
  onRoom(): void;
  /** An instance has the stream; only heard if that was asked for. */
  onBegun(): void;
  onEnd(end: PipeEnd): void;
}

export interface PipeEnd {
  /** Undefined: it was answered to its end. */
  readonly error: WeftError | undefined;
  /** Why another replica may be asked if nothing was answered yet; undefined: none may. */
  readonly move: MoveReason | undefined;
}

/** The replica was lost, an instance died with it, or no instance ever had it. */
export type MoveReason = PipeMove | 'lost';

export type OpenPipe = (start: PipeStart, listener: PipeListener) => Pipe;
