// A process of a bench, as the bench sees it: forked, asked questions over its IPC channel, and stopped by its own id. What
// the child can be asked is a type; the child's end is answer-parent.ts.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a child answers: functions of one argument, which run in the child. */
export type Questions = Record<string, (argument: never) => unknown>;

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export type Answer =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failure: string };

export interface ForkedChild<Q extends Questions> {
  ask<Name extends keyof Q & string>(
    name: Name,
    ...argument: Parameters<Q[Name]>
  ): Promise<Awaited<ReturnType<Q[Name]>>>;
  /** Asks it to stop and resolves once it has ended; what does not end within some seconds is killed. */
  stop(): Promise<void>;
}

export interface ForkOptions {
  /** For messages: `router`. */
  readonly name: string;
  /** Folder in which the child leaves a CPU profile when it ends. */
  readonly profileDirectory?: string | undefined;
}

const stopTimeoutMs = 15_000;

/** Starts the module `entry`, which must call answerParent. */
export function forkChild<Q extends Questions>(entry: URL, { name, profileDirectory }: ForkOptions): ForkedChild<Q> {
  const profiling =
    profileDirectory === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`, `--cpu-prof-name=${name}.cpuprofile`];
  const child = fork(fileURLToPath(entry), {
    serialization: 'advanced',
    execArgv: ['--enable-source-maps', ...profiling],
  });
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (reason: Error) => void }>();
  let asked = 0;
  let ended = false;
  const exit = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = true;
      for (const { reject } of waiting.values())
        reject(new Error(`the ${name} process ended with ${signal ?? `code ${code}`}`));
      waiting.clear();
      resolve();
    });
  });
  child.on('message', (message: Answer) => {
    const asker = waiting.get(message.id);
    waiting.delete(message.id);
    if ('failure' in message) asker?.reject(new Error(`${name}: ${message.failure}`));
    else asker?.resolve(message.answer);
  });
  const ask = (question: string, argument: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(new Error(`the ${name} process has ended`));
      const id = ++asked;
      waiting.set(id, { resolve, reject });
      child.send({ id, name: question, argument } satisfies Question);
    });
  return {
    ask: (question, ...argument) => ask(question, argument[0]) as never,
    async stop() {
      const kill = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      if (!ended) await ask('stop', undefined).catch(() => {});
      if (child.connected) child.disconnect();
      await exit;
      clearTimeout(kill);
    },
  };
}
