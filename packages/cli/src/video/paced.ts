// A recording in the place of a camera: its frames come at their times, and none sooner because one was late.
import { WeftError } from '@weft/errors';

export interface Pace {
  /** Milliseconds on a monotonic scale. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Times are in milliseconds. Throws INVALID_ARGUMENT for a frame that has none. */
export async function* paced<Frame extends { readonly timeMs?: number }>(
  frames: AsyncIterable<Frame>,
  { now, sleep }: Pace,
): AsyncGenerator<Frame, void, undefined> {
  let dueMs = now();
  let lastMs: number | undefined;
  for await (const frame of frames) {
    const { timeMs } = frame;
    if (timeMs === undefined)
      throw new WeftError('INVALID_ARGUMENT', 'images and motion JPEG have no times: --real-time needs --fps for them');
    dueMs += timeMs - (lastMs ?? timeMs);
    lastMs = timeMs;
    const waitMs = dueMs - now();
    if (waitMs > 0) await sleep(waitMs);
    else dueMs = now();
    yield frame;
  }
}
