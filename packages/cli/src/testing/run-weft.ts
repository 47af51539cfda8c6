// Runs the command line in this process, with streams that a test can read.
import { main } from '../main.ts';
import type { Shell } from '../shell.ts';

export interface Run {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export interface FakeShell extends Shell {
  readonly written: { out: string; err: string };
  readonly exits: number[];
  /** Sends a SIGTERM to whoever listens, `afterMs` later than what was before. */
  signal(afterMs?: number): void;
}

export type Overrides = Partial<Shell> & { readonly input?: string | Buffer };

export function fakeShell(overrides: Overrides = {}): FakeShell {
  const written = { out: '', err: '' };
  const exits: number[] = [];
  let now = 0;
  const listeners = new Set<() => void>();
  return {
    written,
    exits,
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    errIsTerminal: false,
    outIsTerminal: false,
    outRows: () => 24,
    env: {},
    async *stdin() {
      yield Buffer.from(overrides.input ?? '');
    },
    readInput: () => Promise.resolve(Buffer.from(overrides.input ?? '')),
    onStopSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exit: (code) => void exits.push(code),
    now: () => now,
    signal(afterMs = 0) {
      now += afterMs;
      for (const listener of listeners) listener();
    },
    ...overrides,
  };
}

export async function runWeft(args: readonly string[], overrides: Overrides = {}): Promise<Run> {
  const shell = fakeShell(overrides);
  const exitCode = await main(args, shell);
  return { exitCode, ...shell.written };
}

export interface StartedWeft {
  readonly shell: FakeShell;
  /** The exit code. */
  readonly done: Promise<number>;
  /** Resolves once the text has been written, to either stream. */
  has(text: string): Promise<void>;
}

/** A command that goes on while the test looks at what it writes. */
export function startWeft(args: readonly string[], overrides: Overrides = {}): StartedWeft {
  const shell = fakeShell(overrides);
  const waiting = new Set<() => void>();
  const writing = (stream: 'out' | 'err') => (text: string) => {
    shell.written[stream] += text;
    for (const look of waiting) look();
  };
  const done = main(args, { ...shell, out: writing('out'), err: writing('err') });
  const has = (text: string) =>
    new Promise<void>((found) => {
      const look = () => {
        if (!shell.written.out.includes(text) && !shell.written.err.includes(text)) return;
        waiting.delete(look);
        found();
      };
      waiting.add(look);
      look();
    });
  return { shell, done, has };
}
