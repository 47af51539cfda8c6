// Ctrl-C in the middle of what changes the mesh: the call is cancelled and the command says what that left behind, instead of
// dying with the question open. A second one ends it at once.
import { stopSignals } from '@weft/flow';
import type { Shell } from './shell.ts';

export async function untilStopped<T>(shell: Shell, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const meaningOf = stopSignals(() => shell.now());
  const forget = shell.onStopSignal(() => {
    const meaning = meaningOf();
    if (meaning === 'first') controller.abort(new Error('stopped'));
    else if (meaning === 'impatient') shell.exit(1);
  });
  try {
    return await work(controller.signal);
  } finally {
    forget();
  }
}
