// Sends the frames of a video and writes what comes back. Frames are read as they are sent and forgotten with their results, so a
// video of any length needs little memory.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoFrameInput, VideoResult } from '@weft/client';
import { writeLocalFile } from '../input/read-local-file.ts';
import type { Asking } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { paced } from './paced.ts';
import { readFrames, type VideoFrameFile } from './read-frames.ts';

export interface VideoFlags {
  readonly output?: string;
  readonly fps?: number;
  readonly dropIfLate?: boolean;
  readonly minScore?: number;
}

export interface VideoSummary {
  frames: number;
  dropped: number;
  unreadable: number;
}

/** Without `output` each result is a line on stdout. */
export async function analyzeFrames(
  shell: Shell,
  { client, options, timeoutMs, progress }: Asking,
  { path, output, fps, dropIfLate = false, minScore = 0 }: VideoFlags & { readonly path: string },
): Promise<VideoSummary> {
  /** Sent and not answered. */
  const sent = new Map<number, VideoFrameFile>();
  async function* frames(): AsyncGenerator<VideoFrameInput, void, undefined> {
    let frameId = 0;
    const read = readFrames(shell, path, fps);
    const pace = { now: () => shell.now(), sleep: (ms: number) => sleep(ms) };
    for await (const frame of fps === undefined ? read : paced(read, { fps, ...pace })) {
      frameId++;
      // The bytes are kept for who draws into them.
      sent.set(frameId, output === undefined ? { ...frame, bytes: empty } : frame);
      yield { image: frame.bytes, frameId, minScore, dropIfLate };
    }
  }
  if (output !== undefined) await mkdir(output, { recursive: true });
  const summary: VideoSummary = { frames: 0, dropped: 0, unreadable: 0 };
  for await (const result of client.vision.analyzeVideo(frames(), { ...options, timeoutMs })) {
    const { frameId, dropped, error } = result;
    const frame = sent.get(frameId) as VideoFrameFile;
    sent.delete(frameId);
    summary.frames++;
    if (dropped) summary.dropped++;
    if (error !== '') summary.unreadable++;
    if (output !== undefined) {
      progress.update(`frame ${frameId}`);
      if (!dropped && error === '') await drawFrame(join(output, fileName(frameId)), frame, result);
      continue;
    }
    // What is printed and the line of progress would paint over each other.
    progress.done();
    shell.out(`${JSON.stringify({ ...(frame.file === undefined ? {} : { file: frame.file }), ...result })}\n`);
  }
  return summary;
}

async function drawFrame(path: string, { bytes }: VideoFrameFile, { detections }: VideoResult): Promise<void> {
  const { drawMarks } = await import('@weft/image');
  const marks = detections.map(({ label, score, box, keypoints, trackId }) => ({
    box,
    points: keypoints,
    text: `${label} ${trackId} ${Math.round(score * 100)}%`,
    colour: trackId,
  }));
  await writeLocalFile(path, await drawMarks(bytes, marks));
}

function fileName(frameId: number): string {
  return `${String(frameId).padStart(6, '0')}.jpg`;
}

const empty = Buffer.alloc(0);
