// Runs a child command to its end and keeps what it printed, or lets it print for itself.
//
// Children never get our standard input: commands must work with it closed, and none of them asks questions. A signal
// that ends us during set-up ends the running child too, so that no half-finished `npm ci` is left behind.

import { spawn } from 'node:child_process';

const keptBytes = 256 * 1024;
const running = new Set();

/** A failed command or requirement, with the end of its output and a sentence on what to do. */
export class CommandError extends Error {
  constructor(message, { output = '', advice = '' } = {}) {
    super(message);
    this.name = 'CommandError';
    this.output = output;
    this.advice = advice;
  }
}

/** Resolves with `{code, output}`; `output` is stdout and stderr together, empty when `inherit` is set. */
export function runCommand(command, args, { cwd, env, inherit = false, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const outputMode = inherit ? 'inherit' : 'pipe';
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      shell,
      stdio: ['ignore', outputMode, outputMode],
    });
    running.add(child);
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-keptBytes);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => {
      running.delete(child);
      reject(new CommandError(`${command} could not be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? 1, output: signal ? `${output}\nended by ${signal}\n` : output });
    });
  });
}

/** Runs a Node script with the Node we run on. */
export const runNode = (args, options) => runCommand(process.execPath, args, options);

/** While set-up runs, a signal stops the child and then us; the returned function lifts that again. */
export function stopChildrenOnSignal() {
  const exitCodes = { SIGINT: 130, SIGTERM: 143 };
  const stop = (signal) => {
    for (const child of running) child.kill(signal);
    process.exit(exitCodes[signal]);
  };
  for (const signal of Object.keys(exitCodes)) process.on(signal, stop);
  return () => {
    for (const signal of Object.keys(exitCodes)) process.off(signal, stop);
  };
}

export const lastLines = (text, count) => text.trimEnd().split('\n').slice(-count).join('\n');
