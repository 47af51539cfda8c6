// A worker as its service sees it: something to post messages to, that answers, and may die. A thread is cheaper; a
// process can be killed in mid-run and takes no one with it when a native library crashes.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from '../worker/messages.ts';

export type Isolation = 'thread' | 'process';

export interface WorkerChannel {
  /** `transfer` lists buffers that the message may take along; they are gone afterwards where that is possible. */
  post(message: ToWorker, transfer?: readonly ArrayBuffer[]): void;
  /** Ends the worker at once. Not to be called on a thread that runs a model: the whole process would abort. */
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
  let failure: string | undefined;
  worker.on('message', (message: FromWorker) => events.onMessage(message));
  worker.on('error', (error) => {
    failure = error.message;
  });
  worker.once('exit', (code) => events.onExit(failure ?? `the worker thread ended with code ${code}`));
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    kill: () => void worker.terminate(),
  };
}

function startProcess(entry: URL, events: WorkerEvents): WorkerChannel {
  const child = fork(fileURLToPath(entry), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let ended = false;
  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    events.onExit(reason);
  };
  child.on('message', (message) => events.onMessage(message as FromWorker));
  child.once('error', (error) => end(error.message));
  child.once('exit', (code, signal) =>
    end(`the worker process ended with ${signal === null ? `code ${code}` : signal}`),
  );
  return {
    post: (message) => {
      if (child.connected) child.send(message);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
