// So many frames of each second, by their times: of what comes sooner than the next is due, nothing is kept. The mean rate is the one
// that is asked for, also where frames are not exactly at their times. Frames that have none are all kept, and get those of that rate.

/** Times are in milliseconds. */
export async function* sampled<Frame extends { readonly timeMs?: number }>(
  frames: AsyncIterable<Frame>,
  fps: number,
): AsyncGenerator<Frame, void, undefined> {
  const periodMs = 1000 / fps;
  let dueMs = Number.NEGATIVE_INFINITY;
  let position = 0;
  for await (const frame of frames) {
    const { timeMs } = frame;
    if (timeMs === undefined) {
      yield { ...frame, timeMs: position++ * periodMs };
      continue;
    }
    if (timeMs < dueMs) continue;
    // After a gap nothing is made up for.
    dueMs = timeMs - dueMs < periodMs ? dueMs + periodMs : timeMs + periodMs;
    yield frame;
  }
}
