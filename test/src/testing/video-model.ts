// A detector for tests of videos (video-worker.ts), and frames for it: a bright square on black.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawPixels } from '@weft/client';
import { identity, writeModel } from './author-models.ts';
import { modelParameter } from './sleeping-model.ts';

/** The channel on which workers tell each look. */
export const videoLooks = 'weft-test-video-looks';

export interface VideoLook {
  readonly model: string;
  /** How many frames it had. */
  readonly rows: number;
  /** How much longer it slept than it had to: the machine woke it late. */
  readonly lateMs: number;
  /** When it ended, in milliseconds since the epoch. */
  readonly atMs: number;
}

export interface VideoModel {
  readonly startMs: number;
  readonly rowMs: number;
  readonly maxFrames: number;
}

export async function writeVideoModel(repository: string, name: string, model: VideoModel): Promise<void> {
  const { startMs, rowMs, maxFrames } = model;
  const parameters = { task: 'bright', start_ms: startMs, row_ms: rowMs, 'file.labels': 'file:labels.txt' };
  const lines = Object.entries(parameters).map(([key, value]) => modelParameter(key, String(value)));
  // The graph is never run: a model has to have a file.
  const graph = identity('FP32', ['rows', 1]);
  await writeModel(repository, name, { graph, config: [...lines, `max_batch_size: ${maxFrames}`].join('\n') });
  await writeFile(join(repository, name, 'labels.txt'), 'square\n');
}

/** Black, but for a square of 16 pixels with its left edge at `x`. */
export function squareAt(x: number, side = 64): RawPixels {
  const pixels = new Uint8Array(side * side);
  for (let row = 20; row < 36; row++) pixels.fill(255, row * side + x, row * side + x + 16);
  return { width: side, height: side, channels: 1, pixels };
}
