// The frames of one source for streams that follow each other. What was asked of the source and not sent when a stream ends is for
// the next one, and the source is ended once, by its owner: neither is what `for await` does.

export interface FrameMessage {
  readonly frameId: number;
}

export class FrameFeed<Frame extends FrameMessage> {
  readonly #source: AsyncIterator<Frame, unknown>;
  #next: Promise<IteratorResult<Frame, unknown>> | undefined;
  /** What the source failed with. */
  failure: unknown;

  constructor(source: AsyncIterable<Frame>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next frame, which stays until it is taken. */
  peek(): Promise<IteratorResult<Frame, unknown>> {
    this.#next ??= this.#source.next().catch((thrown: unknown) => {
      this.failure = thrown;
      throw thrown;
    });
    return this.#next;
  }

  take(): void {
    this.#next = undefined;
  }

  /** Not awaited: a source that waits for its next frame ends when that comes. */
  close(): void {
    this.#source.return?.()?.catch(() => {});
  }
}

export interface FedStreamOptions {
  /** What the first frame says beside. */
  readonly first: object;
  /** Sends one frame, and the others when that one is answered. */
  readonly probes: boolean;
}

/** What one stream sends. */
export class FedStream<Frame extends FrameMessage> {
  readonly #feed: FrameFeed<Frame>;
  readonly #options: FedStreamOptions;
  #answered = false;
  #ended = false;
  #onChange: () => void = () => {};
  /** The frames that were sent and not answered, the oldest first. */
  readonly unanswered: number[] = [];

  constructor(feed: FrameFeed<Frame>, options: FedStreamOptions) {
    this.#feed = feed;
    this.#options = options;
  }

  async *frames(): AsyncGenerator<object, void, undefined> {
    const { first, probes } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const next = await this.#feed.peek();
      if (this.#ended || next.done === true) return;
      this.#feed.take();
      this.unanswered.push(next.value.frameId);
      yield isFirst ? { ...next.value, ...first } : next.value;
      while (probes && !this.#answered && !this.#ended)
        await new Promise<void>((resolve) => (this.#onChange = resolve));
    }
  }

  /** Results come in the order of the frames. */
  answer(): void {
    this.unanswered.shift();
    this.#answered = true;
    this.#onChange();
  }

  end(): void {
    this.#ended = true;
    this.#onChange();
  }
}
