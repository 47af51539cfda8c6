// The last event of one model, as the log has it now.
import { WeftError } from '@weft/errors';
import type { EventLog, LoggedEvent } from '@weft/models';

/** None or one. Rejects with UNAVAILABLE when the log cannot be reached. */
export function readLast(eventLog: EventLog, model: string): Promise<LoggedEvent[]> {
  return new Promise((resolve, reject) => {
    let last: LoggedEvent | undefined;
    // A log in memory tells all before it returns.
    const end = (): void => queueMicrotask(() => unfollow());
    const unfollow = eventLog.follow({
      onEvent: (event) => {
        if (event.model === model) last = event;
      },
      onCaughtUp: () => {
        resolve(last === undefined ? [] : [last]);
        end();
      },
      onProblem: (problem) => {
        if (problem === undefined) return;
        reject(new WeftError('UNAVAILABLE', problem));
        end();
      },
    });
  });
}
