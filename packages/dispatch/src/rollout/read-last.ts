// The last event of one model, as the log has it now.
import { WeftError } from '@weft/errors';
import type { EventLog, LoggedEvent } from '@weft/models';

/** As long as a log waits for its server. A log that is closed meanwhile says nothing more. */
const patienceMs = 5_000;

/** Undefined without one. Rejects with UNAVAILABLE when the log cannot be reached, or does not answer in time. */
export function readLast(
  eventLog: Pick<EventLog, 'follow'>,
  model: string,
  timeoutMs = patienceMs,
): Promise<LoggedEvent | undefined> {
  return new Promise((resolve, reject) => {
    let last: LoggedEvent | undefined;
    const end = (settle: () => void): void => {
      clearTimeout(late);
      settle();
      // A log in memory tells all before it returns.
      queueMicrotask(() => unfollow());
    };
    const fail = (why: string): void => end(() => reject(new WeftError('UNAVAILABLE', why)));
    const late = setTimeout(() => fail(`the event log has not told of '${model}' in time`), timeoutMs);
    const unfollow = eventLog.follow({
      onEvent: (event) => {
        if (event.model === model) last = event;
      },
      onCaughtUp: () => end(() => resolve(last)),
      onProblem: (problem) => {
        if (problem !== undefined) fail(problem);
      },
    });
  });
}
