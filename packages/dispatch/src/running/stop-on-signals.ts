// Ends a process on SIGINT or SIGTERM once what is in flight is answered: with 0, or with 1 where that fails. However often a
// signal arrives, and whichever follows whichever, it is stopped once; who loses patience ends it at once.
import { type Clock, stopSignals } from '@weft/flow';
import type { Log } from '@weft/telemetry';

export interface SignalledProcess {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): unknown;
}

export interface StopOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Called once. */
  readonly stop: () => Promise<void>;
}

export interface SignalsHeard {
  /** The process is stopping. */
  readonly stopping: boolean;
}

export function stopOnSignals(host: SignalledProcess, { clock, log, stop }: StopOptions): SignalsHeard {
  const heard = { stopping: false };
  const meaningOf = stopSignals(() => clock.now());
  const end = async (): Promise<void> => {
    try {
      await stop();
    } catch (error) {
      log.error('process.stop_failed', { error });
      host.exit(1);
      return;
    }
    host.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    host.on(signal, () => {
      const meaning = meaningOf();
      if (meaning === 'repeated') return;
      log.info(meaning === 'first' ? 'process.stopping' : 'process.abandoned', { signal });
      heard.stopping = true;
      if (meaning === 'first') void end();
      else host.exit(1);
    });
  return heard;
}
