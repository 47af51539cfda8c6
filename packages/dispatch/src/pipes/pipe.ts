// One stream of a client with one replica, as raw messages both ways. Everything on its way is of this form: the executor in this
// process, a replica over the network, and what chooses among them. Backpressure is the pull of the two sequences; leaving
// `responses`, or aborting `signal`, ends the stream wherever it runs.

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
}

export interface Pipe {
  /** Throws a WeftError when the stream fails. What `requests` throws, and the signal's reason, end it likewise. */
  readonly responses: AsyncIterable<Buffer>;
  /** After a failure: the replica was lost, or never began. Another one may be asked if nothing was answered yet. */
  movable(): boolean;
}

export type OpenPipe = (start: PipeStart, requests: AsyncIterable<Buffer>, signal: AbortSignal) => Pipe;
