// The streams of an instance inside its worker: each runs by itself, beside the batches. Whoever has left is told to the code
// that still works for it by its signal, and by the failure of its next response.
import { toWeftError, WeftError } from '@weft/errors';
import { epochMs } from '@weft/telemetry/epoch-ms';
import type { StreamContext } from '../task.ts';
import { type Incident, fittingResponse } from '../worker/encode-results.ts';
import type { Instance } from '../worker/load-instance.ts';
import { answerStream } from './answer-stream.ts';
import { FrameStream } from './frame-stream.ts';
import { errorOf, failureOf, type StreamFrame, type StreamStart } from './stream-frame.ts';

export interface WorkerStreamEvents {
  post(stream: number, frame: StreamFrame, transfer: readonly ArrayBuffer[]): void;
  onIncident(incident: Incident): void;
}

interface OpenStream {
  readonly frames: FrameStream;
  readonly leaving: AbortController;
  readonly ended: Promise<void>;
}

export class WorkerStreams {
  readonly #events: WorkerStreamEvents;
  readonly #open = new Map<number, OpenStream>();

  constructor(events: WorkerStreamEvents) {
    this.#events = events;
  }

  open(instance: Instance, id: number, start: StreamStart): void {
    const frames = new FrameStream({ post: (frame, transfer = []) => this.#events.post(id, frame, transfer) });
    const leaving = new AbortController();
    const ended = this.#serve(instance, start, { frames, leaving }).finally(() => this.#open.delete(id));
    this.#open.set(id, { frames, leaving, ended });
  }

  receive(id: number, frame: StreamFrame): void {
    const stream = this.#open.get(id);
    if (frame.kind !== 'cancel') stream?.frames.receive(frame);
    else {
      const error = errorOf(frame.failure);
      stream?.leaving.abort(error);
      // Its end is still told: then the slot is free.
      stream?.frames.cancel(error);
    }
  }

  /** Resolves when none is open. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all([...this.#open.values()].map(({ ended }) => ended));
  }

  async #serve(
    instance: Instance,
    start: StreamStart,
    { frames, leaving }: Pick<OpenStream, 'frames' | 'leaving'>,
  ): Promise<void> {
    const { method } = start;
    // Not in the turn of its message: a task may block its thread before it gives way.
    await new Promise(setImmediate);
    try {
      const context = streamContext(start, leaving.signal);
      for await (const response of answerStream(instance, { method, messages: frames.messages(), context })) {
        const outcome = fittingResponse(response, instance.spec.maxMessageBytes);
        if (outcome instanceof WeftError) throw outcome;
        await frames.send(outcome);
      }
      frames.end();
    } catch (thrown) {
      const error = toWeftError(thrown);
      if (error.requestId !== undefined)
        this.#events.onIncident({ requestId: error.requestId, method, cause: error.cause });
      frames.end({ kind: 'end', failure: failureOf(error) });
    }
  }
}

function streamContext({ deadlineMs, tenant }: StreamStart, signal: AbortSignal): StreamContext {
  return {
    signal,
    tenant,
    throwIfGone() {
      signal.throwIfAborted();
      if (epochMs() >= deadlineMs) throw new WeftError('DEADLINE_EXCEEDED', 'the deadline of the stream has passed');
    },
  };
}
