// AnalyzeVideo of a detector: the frames of all streams of an instance are looked at together (frame-steps.ts), as Detect looks at
// the images of a batch. What is wrong with one frame is told in its result: a camera's damaged picture does not end its stream.
// What is wrong with the model does.
import { toWeftError, WeftError } from '@weft/errors';
import type { VideoFrame__Output } from '@weft/rpc/messages/weft/vision/v1/VideoFrame';
import type { VideoResult } from '@weft/rpc/messages/weft/vision/v1/VideoResult';
import { checkExact, type StreamContext, type StreamMethod, type TaskMethod } from '@weft/runtime';
import type { Detection } from '../detection.ts';
import { FrameLine, type Turn } from './frame-line.ts';
import { FrameSteps } from './frame-steps.ts';
import { ObjectTracks } from './object-tracks.ts';
import { SenderClock } from './sender-clock.ts';

export const videoPath = '/weft.vision.v1.VisionService/AnalyzeVideo';

/** Streams that one instance takes at once: what a further one would get is a small part of a processor. */
const slots = 64;

export interface VideoStreamOptions {
  /** Frames that are worth looking at together. */
  readonly maxFrames: number;
  /** Answers frames with their detections. */
  readonly look: TaskMethod;
  /** Milliseconds on a monotonic scale. */
  readonly now?: () => number;
}

interface Frame {
  readonly request: VideoFrame__Output;
  /** Its position among all frames of the stream. */
  readonly position: number;
}

interface VideoStream {
  readonly line: FrameLine<Frame>;
  readonly tracks: ObjectTracks;
  readonly context: StreamContext;
  readonly waits: boolean;
  take(): Turn<Frame> | undefined;
}

export function videoStream({ maxFrames, look, now = () => performance.now() }: VideoStreamOptions): StreamMethod {
  const steps = new FrameSteps<VideoStream, Frame>({
    maxFrames,
    infer: (frames, streams) =>
      look.infer(
        frames.map(({ request }) => request),
        streams.map(({ context }) => context),
      ),
    settle({ line, tracks }, { frame, ageMs, answer }, outcome) {
      const { frameId } = frame.request;
      if (!(outcome instanceof WeftError)) {
        const { detections } = outcome as { readonly detections: readonly Detection[] };
        answer({ frameId, ageMs, detections: tracks.follow(detections, frame.position) });
      } else if (outcome.code === 'INVALID_ARGUMENT')
        answer({ frameId, ageMs, error: outcome.message } satisfies VideoResult);
      else line.fail(outcome);
    },
  });

  async function read(requests: AsyncIterable<unknown>, stream: VideoStream): Promise<void> {
    const { line } = stream;
    const clock = new SenderClock();
    let position = 0;
    for await (const message of requests) {
      const request = message as VideoFrame__Output;
      const { frameId, dropIfLate, maxAgeMs, takenAtMs } = request;
      const arrivedMs = now();
      const refused = refusalOf(request);
      if (refused !== undefined) line.refuse(refused);
      else {
        const arrival = {
          frame: { request, position: position++ },
          droppable: dropIfLate,
          takenMs: takenAtMs === 0 ? arrivedMs : clock.toOwn(takenAtMs, arrivedMs),
          maxAgeMs: maxAgeMs === 0 ? undefined : maxAgeMs,
          skipped: (ageMs: number) => ({ frameId, ageMs, dropped: true }) satisfies VideoResult,
        };
        line.arrive(arrival, arrivedMs);
      }
      steps.offer(stream);
      await line.room();
    }
    line.end();
  }

  return {
    path: videoPath,
    slots,
    async *infer(requests, context) {
      const line = new FrameLine<Frame>();
      const stream: VideoStream = {
        line,
        tracks: new ObjectTracks(),
        context,
        get waits() {
          return line.waits;
        },
        take: () => line.take(now()),
      };
      const { signal } = context;
      const onAbort = (): void => line.fail(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      read(requests, stream).catch((thrown: unknown) => line.end(thrown as Error));
      try {
        yield* line.answers();
      } finally {
        signal.removeEventListener('abort', onAbort);
        line.fail(left);
        steps.leave(stream);
      }
    },
  };
}

/** What answers a frame whose number cannot be given back, as it has been altered. */
function refusalOf({ frameId }: VideoFrame__Output): VideoResult | undefined {
  try {
    checkExact(frameId, 'frame_id');
    return undefined;
  } catch (thrown) {
    return { error: toWeftError(thrown).message };
  }
}

const left = new WeftError('CANCELLED', 'the client has gone');
