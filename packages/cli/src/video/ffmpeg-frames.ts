// The frames of a container that only ffmpeg can read. It is no part of weft: where it is not on PATH, that is what is said.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { WeftError } from '@weft/errors';
import { type TimedJpeg, timedJpegs } from './timed-jpegs.ts';

export interface FfmpegOptions {
  /** What is read, for people. */
  readonly name: string;
  /** A file, or the bytes themselves. */
  readonly source: { readonly path: string } | { readonly bytes: AsyncIterable<Uint8Array> };
  /** So many frames of each second of the video; all of them unless given. */
  readonly fps: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** JPEG files. Throws a WeftError that says what ffmpeg says, and what `source.bytes` throws. Who leaves early ends it. */
export async function* ffmpegFrames({
  name,
  source,
  fps,
  env,
}: FfmpegOptions): AsyncGenerator<TimedJpeg, void, undefined> {
  // `file:` keeps a name with a colon from being taken for a protocol.
  const input = 'path' in source ? `file:${source.path}` : 'pipe:0';
  const rate = fps === undefined ? [] : ['-vf', `fps=${fps}`];
  const args = ['-hide_banner', '-loglevel', 'error', '-i', input, ...rate, '-an', '-c:v', 'mjpeg', '-q:v', '3'];
  const child = spawn('ffmpeg', [...args, '-flush_packets', '1', '-f', 'smjpeg', 'pipe:1'], {
    stdio: ['path' in source ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...env },
  });
  const missing = new WeftError(
    'FAILED_PRECONDITION',
    `${name} is neither an image nor motion JPEG: other videos need ffmpeg, which is not on PATH`,
  );
  const ended = once(child, 'close').then(
    ([code]: unknown[]) => ({ code: code as number | null, error: undefined }),
    (error: NodeJS.ErrnoException) => ({ code: null, error }),
  );
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => void (said = (said + chunk.toString()).slice(-2000)));
  // It asks for no more than that: while it waits for its stdin, it hears of no other signal.
  const end = (): void => void child.kill('SIGKILL');
  let unread: { readonly reason: unknown } | undefined;
  if ('bytes' in source && child.stdin !== null) {
    const { stdin } = child;
    // It may have seen enough, or be gone.
    stdin.on('error', () => {});
    feed(stdin, source.bytes).catch((reason: unknown) => {
      unread = { reason };
      end();
    });
  }
  try {
    if (child.stdout !== null) yield* timedJpegs(child.stdout as AsyncIterable<Buffer>);
    const { code, error } = await ended;
    if (unread !== undefined) throw (unread as { readonly reason: unknown }).reason;
    if (error !== undefined) throw error.code === 'ENOENT' ? missing : error;
    if (code !== 0) throw new WeftError('INVALID_ARGUMENT', `${name}: ffmpeg cannot read it: ${reasonIn(said)}`);
  } finally {
    end();
  }
}

/** What it said last, without the names and addresses of its parts: the reason may stand some lines before the end. */
function reasonIn(said: string): string {
  const lines = said.split('\n').map((line) => line.replace(/^\[.*? @ 0x[0-9a-f]+\] /, '').trim());
  const told = lines.filter((line) => line !== '' && !line.startsWith('Last message repeated'));
  return [...new Set(told)].slice(-4).join('; ');
}

async function feed(stdin: NodeJS.WritableStream, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) {
    if (!stdin.writable) return;
    if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]).catch(() => {});
  }
  stdin.end();
}
