// Sends the frames of a video and writes what comes back. Frames are read as they are sent and forgotten with their results, so a
// video of any length needs little memory. A stream that is lost is followed by another one, and Ctrl-C ends the video where it is.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoFrameInput, VideoResult } from '@weft/client';
import { WeftError } from '@weft/errors';
import { writeLocalFile } from '../input/read-local-file.ts';
import type { Asking } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { untilStopped } from '../until-stopped.ts';
import { paced } from './paced.ts';
import { readFrames, type VideoFrameFile } from './read-frames.ts';
import { whileWanted } from './while-wanted.ts';

export interface VideoFlags {
  readonly output?: string;
  readonly fps?: number;
  readonly realTime?: boolean;
  readonly dropIfLate?: boolean;
  readonly maxAge?: number;
  readonly minScore?: number;
}

export interface VideoSummary {
  frames: number;
  dropped: number;
  unreadable: number;
  /** On their way when their stream was lost. */
  lost: number;
}

type VideoRequest = VideoFlags & { readonly path: string };

/** Without `output` each result is a line on stdout. Throws CANCELLED when a recording is stopped before its end. */
export async function analyzeFrames(shell: Shell, asking: Asking, request: VideoRequest): Promise<VideoSummary> {
  if (request.output !== undefined) await mkdir(request.output, { recursive: true });
  return await untilStopped(shell, async (stopping) => {
    const summary = await analyzeUntil(stopping, shell, { asking, request });
    // A camera has no other end.
    if (!stopping.aborted || isLive(request)) return summary;
    throw new WeftError('CANCELLED', `stopped after ${summary.frames} frames`);
  });
}

async function analyzeUntil(
  stopping: AbortSignal,
  shell: Shell,
  { asking, request }: { readonly asking: Asking; readonly request: VideoRequest },
): Promise<VideoSummary> {
  const { client, options, timeoutMs, progress } = asking;
  const { output } = request;
  /** Sent and not answered. */
  const sent = new Map<number, VideoFrameFile>();
  async function* frames(): AsyncGenerator<VideoFrameInput, void, undefined> {
    const { minScore = 0, dropIfLate = false, maxAge: maxAgeMs = 0 } = request;
    let frameId = 0;
    for await (const frame of whileWanted(source(shell, request, stopping), stopping)) {
      frameId++;
      // The bytes are kept for who draws into them.
      sent.set(frameId, output === undefined ? { ...frame, bytes: empty } : frame);
      yield { image: frame.bytes, frameId, minScore, dropIfLate, maxAgeMs };
    }
  }
  const summary: VideoSummary = { frames: 0, dropped: 0, unreadable: 0, lost: 0 };
  let isLost = false;
  const onLost = ({ message }: Error): void => {
    // Told once, however often it is tried.
    if (!isLost) {
      progress.done();
      shell.err(`weft: lost the stream: ${message}; trying a new one, in which trackIds begin anew\n`);
    }
    isLost = true;
  };
  for await (const result of client.vision.analyzeVideo(frames(), { ...options, timeoutMs, resume: true, onLost })) {
    const { frameId, dropped, error, lost } = result;
    const frame = sent.get(frameId) as VideoFrameFile;
    sent.delete(frameId);
    isLost &&= lost;
    summary.frames++;
    if (lost) summary.lost++;
    else if (dropped) summary.dropped++;
    else if (error !== '') summary.unreadable++;
    if (output !== undefined) {
      progress.update(`frame ${frameId}`);
      if (!dropped && error === '') await drawFrame(join(output, fileName(frameId)), frame, result);
      continue;
    }
    // What is printed and the line of progress would paint over each other.
    progress.done();
    shell.out(`${JSON.stringify({ ...placeOf(frame), ...result })}\n`);
  }
  return summary;
}

function isLive({ path, realTime }: VideoRequest): boolean {
  return path === '-' && realTime !== true;
}

function source(shell: Shell, request: VideoRequest, until: AbortSignal): AsyncIterable<VideoFrameFile> {
  const { path, fps, realTime } = request;
  const frames = readFrames(shell, { path, fps, live: isLive(request), until });
  return realTime === true ? paced(frames, { now: () => shell.now(), sleep: (ms) => sleep(ms) }) : frames;
}

function placeOf({ file, timeMs }: VideoFrameFile): object {
  return {
    ...(file === undefined ? {} : { file }),
    ...(timeMs === undefined ? {} : { timeMs: Math.round(timeMs) }),
  };
}

async function drawFrame(path: string, { bytes }: VideoFrameFile, { detections, stream }: VideoResult): Promise<void> {
  const { drawMarks } = await import('@weft/image');
  const marks = detections.map(({ label, score, box, keypoints, trackId }) => ({
    box,
    points: keypoints,
    // In a second stream the same number is something else.
    text: `${label} ${stream > 1 ? `${stream}.` : ''}${trackId} ${Math.round(score * 100)}%`,
    colour: trackId,
  }));
  await writeLocalFile(path, await drawMarks(bytes, marks));
}

function fileName(frameId: number): string {
  return `${String(frameId).padStart(6, '0')}.jpg`;
}

const empty = Buffer.alloc(0);
