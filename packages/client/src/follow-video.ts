// A video whose stream is lost goes on in a new one, where the caller wants that: a camera has no end, and each connection has
// (routers give up those of an age, replicas restart). What was on its way is lost and told, frame by frame.
import { WeftError } from '@weft/errors';
import type { VideoResult__Output } from '@weft/rpc/messages/weft/vision/v1/VideoResult';
import type { CallOptions } from './call-options.ts';
import { chosenModel } from './chosen-model.ts';
import { endlessDeadlineOf, follow } from './follow-stream.ts';
import { FedStream, FrameFeed, type FrameMessage } from './frame-feed.ts';
import type { RouterCalls, StreamContext } from './router-calls.ts';
import { cancelled, retryWaitMs } from './with-retries.ts';

const path = '/weft.vision.v1.VisionService/AnalyzeVideo';

export interface AnalyzeVideoOptions extends CallOptions {
  /**
   * Begins a new stream when one is lost that had answers (UNAVAILABLE), for as long as it takes, instead of rejecting. Frames that
   * were on their way have a result with `lost`; `trackId`s begin anew with each `stream`.
   */
  readonly resume?: boolean | undefined;
  /** Hears of each loss before a new stream begins, also of those that never came to an answer. */
  readonly onLost?: ((error: WeftError) => void) | undefined;
}

export interface StreamedResult extends VideoResult__Output {
  /** The stream ended before this frame was answered; `error` says why. */
  lost: boolean;
  /** Which stream gave it, of those that had an answer, from 1 on: the same `trackId` in another stream is something else. */
  stream: number;
}

export function followVideo(
  calls: RouterCalls,
  messages: AsyncIterable<FrameMessage>,
  options: AnalyzeVideoOptions,
): AsyncGenerator<StreamedResult, void, undefined> {
  const deadline = endlessDeadlineOf(calls, options);
  const model = chosenModel(options);
  return calls.stream(options, (context) => followStreams(context, messages, { ...options, model, deadline }));
}

interface StreamsOptions extends Pick<AnalyzeVideoOptions, 'resume' | 'onLost'> {
  readonly model: object;
  readonly deadline: number;
}

async function* followStreams(
  context: StreamContext,
  messages: AsyncIterable<FrameMessage>,
  { model, deadline, resume, onLost }: StreamsOptions,
): AsyncGenerator<StreamedResult, void, undefined> {
  const { signal, surroundings } = context;
  const feed = new FrameFeed(messages);
  let failures = 0;
  // One that was lost without an answer is none.
  let answeredStreams = 0;
  try {
    for (;;) {
      const stream = answeredStreams + 1;
      const fed = new FedStream(feed, { first: model, probes: failures > 0 });
      let lost: WeftError;
      try {
        for await (const message of follow<VideoResult__Output>(context, { path, requests: fed.frames() }, deadline)) {
          fed.answer();
          [failures, answeredStreams] = [0, stream];
          yield { ...message, lost: false, stream };
        }
        return;
      } catch (thrown) {
        lost = lossOf(thrown, signal);
      } finally {
        fed.end();
      }
      const waitMs = retryWaitMs(lost, failures, { ...context, retry: { ...context.retry, maxRetries: Infinity } });
      if (resume !== true || answeredStreams === 0 || waitMs === undefined || feed.failure !== undefined) throw lost;
      if (surroundings.now() + waitMs >= deadline) throw lost;
      failures++;
      onLost?.(lost);
      for (const frameId of fed.unanswered) yield lostResult(frameId, stream, lost);
      await surroundings.sleep(waitMs, signal).catch(() => {
        throw cancelled(signal);
      });
      if ((await beforeAbort(feed.peek(), signal)).done === true) return;
    }
  } finally {
    feed.close();
  }
}

/** A router that shuts down cancels its streams; since nobody here did, that is a loss like any other. Throws what is none. */
function lossOf(thrown: unknown, signal: AbortSignal): WeftError {
  if (!(thrown instanceof WeftError) || signal.aborted) throw thrown;
  if (thrown.code !== 'CANCELLED') return thrown;
  return new WeftError('UNAVAILABLE', 'the router ended the stream', { cause: thrown });
}

function lostResult(frameId: number, stream: number, { message }: WeftError): StreamedResult {
  const answer = { model: '', modelVersion: '', detections: [], dropped: false, ageMs: 0 };
  return { ...answer, frameId, error: `its stream was lost: ${message}`, lost: true, stream };
}

async function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancelled(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
