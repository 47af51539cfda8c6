// Statistics of an ensemble: no replica computes it, so nobody else counts its calls. A call is one execution, as in Triton.
import { toWeftError } from '@weft/errors';
import type { Answer, Call } from '../lanes/pending-call.ts';
import type { CallCounts } from '../statistics/call-counts.ts';
import type { Submit, Submitted } from '../engine/submit.ts';

export interface CountOptions {
  readonly counts: CallCounts;
  readonly rows: number;
  readonly nowMs: () => number;
}

/** Submits a call by `run`, and counts what becomes of it. */
export function countRun(call: Call, { counts, rows, nowMs }: CountOptions, run: Submit): Submitted {
  const enqueuedMs = nowMs();
  const counted = { rows, enqueuedMs, sentMs: enqueuedMs };
  const settle = (answer: Answer): void => {
    if ('error' in answer) counts.failed(counted, answer.error.code, nowMs());
    else {
      counts.answered(counted, answer.times, nowMs());
      counts.executed([{ rows, ...answer.times }]);
    }
    call.settle(answer);
  };
  let submitted: Submitted;
  try {
    submitted = run({ ...call, settle });
  } catch (thrown) {
    counts.refused(toWeftError(thrown).code);
    throw thrown;
  }
  return {
    cancel() {
      const where = submitted.cancel();
      if (where !== undefined) counts.failed(counted, 'CANCELLED', nowMs());
      return where;
    },
  };
}
