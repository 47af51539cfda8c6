// The layer that answers calls of ensembles by calls of their steps; all others pass. A step may be an ensemble itself.
import type { Tracing } from '@weft/telemetry';
import { requireMethod, rowsFor } from '../lanes/call-terms.ts';
import type { DispatchEngine } from '../engine/engine.ts';
import type { StatisticsBook } from '../statistics/statistics-book.ts';
import type { Submit } from '../engine/submit.ts';
import { countRun } from './count-run.ts';
import { runEnsemble } from './ensemble-run.ts';

export interface EnsemblesOptions {
  readonly engine: Pick<DispatchEngine, 'inventory' | 'versionFor'>;
  readonly tracing: Tracing;
  readonly maxMessageBytes: number;
  readonly statistics: Pick<StatisticsBook, 'of'>;
  /** The clock that the statistics count by. */
  readonly nowMs: () => number;
}

/** `next` takes all but calls of ensembles. */
export function ensembles(options: EnsemblesOptions, next: Submit): Submit {
  const { engine, tracing, maxMessageBytes, statistics, nowMs } = options;
  const submit: Submit = (call) => {
    const { ensembles: names } = engine.inventory;
    if (names.size === 0 || !names.has(call.model)) return next(call);
    const view = engine.versionFor(call);
    const { model, version, ensemble } = view;
    if (ensemble === undefined) return next({ ...call, drawn: version });
    requireMethod(view, call.method);
    const counting = { counts: statistics.of(model, version), rows: rowsFor(view, call), nowMs };
    return countRun(call, counting, (counted) =>
      runEnsemble(counted, { ensemble, version, submit, tracing, maxMessageBytes }),
    );
  };
  return submit;
}
