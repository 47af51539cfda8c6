// weft video: what is in the frames of a video, as lines of JSON or drawn into the frames.
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { duration, share } from '../parse-number.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import type { VideoFlags } from '../video/analyze-frames.ts';

const examples = `
Reads the images of a folder in the order of their names, motion JPEG from a file or stdin (-), the pages of an animated GIF or
WebP, and any other video where ffmpeg is on PATH. Each line has the frame's "timeMs" where that is known. Things that move keep
their trackId. A frame that cannot be read has an "error", one that was skipped "dropped": true.

Motion JPEG from stdin is taken for a camera: --fps leaves out what comes sooner, and Ctrl-C ends it. A recording is sent as fast
as it is taken, so --drop-if-late and --max-age skip much of it, unless it is sent in --real-time.

When a stream is lost a new one begins ("stream": 2): frames that were on their way are "lost": true, and trackIds begin anew.

Examples:
  weft video street.mp4 --fps 5 > found.jsonl
  weft video frames/ --output annotated --model movenet
  camera-mjpeg | weft video - --drop-if-late --max-age 500ms
  weft video street.mp4 --real-time --drop-if-late`;

export function addVideo(program: Command, shell: Shell): void {
  const command = program
    .command('video <file|dir|->')
    .summary('find objects, faces or poses in the frames of a video')
    .description('Finds objects in each frame of a video and writes a line of JSON for each, in order.')
    .option('--output <dir>', 'draw what is found into the frames and write them there, as JPEG files')
    .option('--fps <n>', 'so many frames of each second; of images and motion JPEG files, so many make a second', rate)
    .option('--real-time', 'send a recording at its own speed, as a camera would')
    .option('--drop-if-late', 'skip a frame when a newer one already waits')
    .option('--max-age <duration>', 'skip a frame that is older than this when its turn comes', duration)
    .option('--min-score <score>', 'leave out what is less certain (0..1)', share)
    .addHelpText('after', examples);
  addConnectionOptions(addModelOptions(command), '24h').action(async (path: string, flags: VideoFlags) => {
    const { analyzeFrames } = await import('../video/analyze-frames.ts');
    const summary = await withRouter(shell, command, (asking) => analyzeFrames(shell, asking, { path, ...flags }));
    if (flags.output === undefined) return;
    const { frames, dropped, unreadable, lost } = summary;
    report(shell, command, {
      json: { ...summary, output: flags.output },
      text: `${flags.output}: ${frames} frames, ${dropped} dropped, ${unreadable} unreadable${lost > 0 ? `, ${lost} lost` : ''}`,
    });
  });
}

function rate(text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= 1000))
    throw new InvalidArgumentError('It must be a number of frames, above 0 and at most 1000.');
  return value;
}
