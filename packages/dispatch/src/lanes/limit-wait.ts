// A model's queue timeout, or a request's own: how long a call may wait, as in Triton. Once a replica has it, the limit has no
// meaning any more: not for how long the model takes, nor when the call comes back because its replica was lost.
import type { Clock } from '@weft/flow';
import type { PendingCall } from './pending-call.ts';
import { waitedTooLong } from './refusals.ts';

/** Answers a call that still waits at the end of its limit. */
export function limitWait(pending: PendingCall, clock: Clock, onRefused: () => void): void {
  const { startByMs } = pending;
  if (!pending.refusedLate || startByMs === Number.POSITIVE_INFINITY) return;
  const refuse = (): void => {
    const nowMs = clock.now();
    // Timers fire up to two milliseconds early.
    if (nowMs < startByMs) pending.waitsUntil(clock.setTimer(startByMs - nowMs, refuse));
    else {
      onRefused();
      pending.settle({ error: waitedTooLong(pending, nowMs) });
    }
  };
  pending.waitsUntil(clock.setTimer(startByMs - clock.now(), refuse));
}
