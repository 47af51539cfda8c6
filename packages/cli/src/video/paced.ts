// A recording in the place of a camera: so many frames a second, and none sooner because one was late.

export interface Pace {
  /** Frames a second. */
  readonly fps: number;
  /** Milliseconds on a monotonic scale. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export async function* paced<Frame>(
  frames: AsyncIterable<Frame>,
  { fps, now, sleep }: Pace,
): AsyncGenerator<Frame, void, undefined> {
  let dueMs = now();
  for await (const frame of frames) {
    const waitMs = dueMs - now();
    if (waitMs > 0) await sleep(waitMs);
    else dueMs = now();
    yield frame;
    dueMs += 1000 / fps;
  }
}
