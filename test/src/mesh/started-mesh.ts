// A whole mesh in a process of its own, started by the command that people start it with.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, root, runCommand } from './run-command.ts';

const weft = join(root, 'packages/cli/bin/weft.js');

export interface StartedMesh {
  /** host:port of the router. */
  readonly router: string;
  /** What `weft up` printed on stdout so far. */
  output(): string;
  /** Runs a weft command against the router. */
  command(...args: readonly string[]): Promise<CommandResult>;
  /** Sends the signal and resolves to the exit code. */
  stop(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
}

const freePorts = [
  '',
  'http-',
  'metrics-',
  'nlp-',
  'nlp-metrics-',
  'vision-',
  'vision-metrics-',
  'generator-',
  'generator-metrics-',
  'custom-',
  'custom-metrics-',
];

/** Resolves once it prints `weft ready`; rejects with its output when it ends before. */
export async function startMesh(...args: readonly string[]): Promise<StartedMesh> {
  const directory = mkdtempSync(join(tmpdir(), 'weft-mesh-'));
  const ports = freePorts.flatMap((name) => [`--${name}port`, '0']);
  const child = spawn(process.execPath, [weft, 'up', ...ports, '--data-directory', directory, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      rmSync(directory, { recursive: true, force: true });
      resolve(code);
    });
  });
  await readyLine(child, ended, texts);
  const router = /^router\s+(\S+)/m.exec(texts.stdout)?.[1] ?? '';
  return {
    router,
    output: () => texts.stdout,
    command: (...words) => runCommand(process.execPath, [weft, '--router', router, ...words]),
    async stop(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

function readyLine(
  child: ChildProcess,
  ended: Promise<number | null>,
  texts: { stdout: string; stderr: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      texts.stdout += text;
      if (/^weft ready$/m.test(texts.stdout)) resolve();
    });
    void ended.then((code) =>
      reject(new Error(`weft up ended with ${code} before it was ready:\n${texts.stdout}\n${texts.stderr}`)),
    );
  });
}
