// The loop of an instance that looks at the frames of all its streams: step by step, in each step one frame of each stream at
// most, as many as fit. Streams take turns: who was in a step stands behind all others that have a frame, so that no stream gets
// more for sending more, and none waits longer than one round.
import { toWeftError, type WeftError } from '@weft/errors';
import type { Turn } from './frame-line.ts';

/** A stream as the steps see it. */
export interface FrameSource<Frame> {
  readonly waits: boolean;
  take(): Turn<Frame> | undefined;
}

export interface FrameStepsOptions<Source, Frame> {
  /** Frames of one step. */
  readonly maxFrames: number;
  /** An outcome for each frame, in order. */
  infer(frames: readonly Frame[], sources: readonly Source[]): Promise<readonly (object | WeftError)[]>;
  /** What becomes of an outcome; asked in the order of the stream's frames. */
  settle(source: Source, turn: Turn<Frame>, outcome: object | WeftError): void;
}

export class FrameSteps<Source extends FrameSource<Frame>, Frame> {
  readonly #options: FrameStepsOptions<Source, Frame>;
  /** Streams with a frame that waits, whose turn is next first. */
  readonly #round = new Set<Source>();
  #running = false;

  constructor(options: FrameStepsOptions<Source, Frame>) {
    this.#options = options;
  }

  /** A frame has come. */
  offer(source: Source): void {
    if (source.waits) this.#round.add(source);
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  /** The stream has ended: nothing of it begins any more. */
  leave(source: Source): void {
    this.#round.delete(source);
  }

  async #run(): Promise<void> {
    for (;;) {
      // Lets the thread hear of what came while it computed: newer frames, and streams that nobody waits for any more.
      await new Promise(setImmediate);
      const step = this.#take();
      if (step.length === 0) break;
      const outcomes = await this.#infer(step);
      for (const [index, { source, turn }] of step.entries())
        this.#options.settle(source, turn, outcomes[index] as object | WeftError);
    }
    this.#running = false;
  }

  #take(): Place<Source, Frame>[] {
    const step: Place<Source, Frame>[] = [];
    // Of a copy: who still has a frame is added again, and would come once more.
    for (const source of [...this.#round]) {
      if (step.length >= this.#options.maxFrames) break;
      this.#round.delete(source);
      const turn = source.take();
      if (turn !== undefined) step.push({ source, turn });
      if (source.waits) this.#round.add(source);
    }
    return step;
  }

  async #infer(step: readonly Place<Source, Frame>[]): Promise<readonly (object | WeftError)[]> {
    try {
      return await this.#options.infer(
        step.map(({ turn }) => turn.frame),
        step.map(({ source }) => source),
      );
    } catch (thrown) {
      const error = toWeftError(thrown);
      return step.map(() => error);
    }
  }
}

interface Place<Source, Frame> {
  readonly source: Source;
  readonly turn: Turn<Frame>;
}
