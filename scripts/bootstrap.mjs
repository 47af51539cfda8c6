// The set-up that every command shares: install what is missing, compile what changed, and nothing when all is current.
//
// It uses Node alone, since it runs before anything is installed.

import { build } from './build.mjs';
import { install, reasonToInstall } from './install.mjs';
import { repositoryRoot } from './projects.mjs';
import { CommandError, stopChildrenOnSignal } from './run-command.mjs';
import { takeSetUpLock } from './set-up-lock.mjs';
import { createStepLog } from './step-log.mjs';

/** Installs and builds, one line per step on `stream`. Rejects with a CommandError that says what to do. */
export async function bootstrap({ root = repositoryRoot, stream = process.stderr } = {}) {
  const step = createStepLog(stream);
  const liftSignals = stopChildrenOnSignal();
  const release = await takeSetUpLock(root, (pid) =>
    stream.write(`  waiting for another set-up in this folder (process ${pid}) ...\n`),
  );
  try {
    const reason = reasonToInstall(root);
    if (reason === undefined) await step('install', () => 'up to date');
    else
      await step('install', () => install(root), {
        announce: `npm ci, because ${reason}; the first time takes a minute`,
      });
    await step('build', () => build(root), { announce: 'tsc -b' });
  } finally {
    release();
    liftSignals();
  }
  return step;
}

/** Prints a failure for people; a stack only where the failure is not one of the expected ones. */
export function reportFailure(error, stream = process.stderr) {
  if (!(error instanceof CommandError)) {
    stream.write(`${error?.stack ?? error}\n`);
    return;
  }
  if (error.output) stream.write(`\n${error.output.trimEnd()}\n`);
  stream.write(`\nweft: ${error.message}.${error.advice ? `\n${error.advice}` : ''}\n`);
}
