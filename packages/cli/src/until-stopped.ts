// Ctrl-C in the middle of what changes the mesh: the call is cancelled and the command says what that left behind, instead of
// dying with the question open. A second one ends it at once.
import type { Shell } from './shell.ts';

export async function untilStopped<T>(shell: Shell, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const forget = shell.onStopSignal(() => {
    if (controller.signal.aborted) shell.exit(1);
    controller.abort(new Error('stopped'));
  });
  try {
    return await work(controller.signal);
  } finally {
    forget();
  }
}
