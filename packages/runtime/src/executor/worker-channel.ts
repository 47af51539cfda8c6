// A worker as its service sees it: something to post messages to, that answers, and may die. A thread is cheaper; a
// process can be killed in mid-run and takes no one with it when a native library crashes.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from '../worker/messages.ts';

export type Isolation = 'thread' | 'process';

export interface WorkerChannel {
  readonly isolation: Isolation;
  /** `transfer` lists buffers that the message may take along; they are gone afterwards where that is possible. */
  post(message: ToWorker, transfer?: readonly ArrayBuffer[]): void;
  /** From now on these hear it, instead of those before. */
  listen(events: WorkerEvents): void;
  /** It does not keep the process alive until others listen. */
  rest(): void;
  /**
   * Ends the worker whatever it does: a process at once, a thread when it comes back to its event loop. One that is stuck in native
   * code stays, for the whole process would abort with it; it does not keep the process alive.
   */
  kill(): void;
}

export interface WorkerEvents {
  onMessage(message: FromWorker): void;
  /** Called once, however the worker ended. */
  onExit(reason: string): void;
}

/** Starts the worker whose entry is `entry`, a module that calls serveInstance. */
export function startWorker(entry: URL, isolation: Isolation, events: WorkerEvents): WorkerChannel {
  return isolation === 'thread' ? startThread(entry, events) : startProcess(entry, events);
}

function startThread(entry: URL, events: WorkerEvents): WorkerChannel {
  const worker = new Worker(entry);
  let heard = events;
  let failure: string | undefined;
  worker.on('message', (message: FromWorker) => heard.onMessage(message));
  worker.on('error', (error) => {
    failure = error.message;
  });
  worker.once('exit', (code) => heard.onExit(failure ?? `the worker thread ended with code ${code}`));
  return {
    isolation: 'thread',
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(others) {
      heard = others;
      worker.ref();
    },
    rest: () => worker.unref(),
    kill() {
      worker.postMessage({ kind: 'quit' } satisfies ToWorker);
      worker.unref();
    },
  };
}

function startProcess(entry: URL, events: WorkerEvents): WorkerChannel {
  const child = fork(fileURLToPath(entry), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let heard = events;
  let ended = false;
  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    heard.onExit(reason);
  };
  child.on('message', (message) => heard.onMessage(message as FromWorker));
  child.once('error', (error) => end(error.message));
  child.once('exit', (code, signal) =>
    end(`the worker process ended with ${signal === null ? `code ${code}` : signal}`),
  );
  return {
    isolation: 'process',
    post: (message) => {
      if (child.connected) child.send(message);
    },
    listen(others) {
      heard = others;
      child.ref();
    },
    rest: () => child.unref(),
    kill: () => void child.kill('SIGKILL'),
  };
}
