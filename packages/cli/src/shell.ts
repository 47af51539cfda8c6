// What surrounds a command: its streams, its environment and the signals it gets. Tests put their own in its place, and
// nothing else in the command line touches the process.
import { addAbortSignal } from 'node:stream';

export interface Shell {
  /** Results, and nothing else. */
  out(text: string): void;
  /** Progress and the one line that says what went wrong. */
  err(text: string): void;
  /** Whether a person watches stderr, so that progress makes sense. */
  readonly errIsTerminal: boolean;
  /** Whether a person watches stdout, so that it may be painted anew. */
  readonly outIsTerminal: boolean;
  /** Lines that stdout's terminal has. */
  outRows(): number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stdin as it comes. It is closed when the signal aborts: one that has nothing to give would keep the process. */
  stdin(until: AbortSignal): AsyncIterable<Buffer>;
  /** All of stdin. */
  readInput(): Promise<Buffer>;
  /** Calls the listener at each SIGINT and SIGTERM, instead of ending the process; the result stops that. */
  onStopSignal(listener: () => void): () => void;
  /** Milliseconds on a monotonic scale. */
  now(): number;
  /** Ends the process at once. */
  exit(code: number): void;
}

export function processShell(): Shell {
  // grpc-js writes lines of its own to stderr beside the errors it returns; it reads this when it is loaded, later.
  process.env['GRPC_VERBOSITY'] ??= 'NONE';
  // `weft models | head -1`: the reader has what it wants, and that is no failure.
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    errIsTerminal: process.stderr.isTTY,
    outIsTerminal: process.stdout.isTTY,
    outRows: () => process.stdout.rows,
    env: process.env,
    stdin: (until) => addAbortSignal(until, process.stdin),
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    onStopSignal(listener) {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      return () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
    now: () => performance.now(),
    exit: (code) => process.exit(code),
  };
}
