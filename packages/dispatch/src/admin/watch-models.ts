// The state of every model, now and after each change. Changes that follow each other closely become one message, so that a mesh
// that starts does not flood who watches.
import type { WatchModelsResponse } from '@weft/rpc/messages/weft/router/v1/WatchModelsResponse';
import type { MeshAdmin } from './mesh-admin.ts';
import { modelStatuses } from './model-status.ts';

const pauseMs = 100;

export async function* watchModels(
  { options }: MeshAdmin,
  signal: AbortSignal,
): AsyncGenerator<WatchModelsResponse, void> {
  const { changes, clock, desired } = options;
  while (!signal.aborted) {
    const { count } = changes;
    yield { models: modelStatuses(options), eventLogProblem: desired.problem ?? '' };
    await changes.after(count, signal);
    await pause(signal, (wake) => clock.setTimer(pauseMs, wake));
  }
}

function pause(signal: AbortSignal, setTimer: (wake: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      cancelTimer();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancelTimer = setTimer(wake);
    signal.addEventListener('abort', wake);
    if (signal.aborted) wake();
  });
}
