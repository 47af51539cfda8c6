// The layer that answers calls of ensembles by calls of their steps; all others pass. A step may be an ensemble itself.
import type { Tracing } from '@weft/telemetry';
import { requireMethod } from '../call-terms.ts';
import type { DispatchEngine } from '../engine.ts';
import type { Submit } from '../submit.ts';
import { runEnsemble } from './ensemble-run.ts';

export interface EnsemblesOptions {
  readonly engine: Pick<DispatchEngine, 'inventory' | 'versionFor'>;
  readonly tracing: Tracing;
  readonly maxMessageBytes: number;
}

/** `next` takes all but calls of ensembles. */
export function ensembles({ engine, tracing, maxMessageBytes }: EnsemblesOptions, next: Submit): Submit {
  const submit: Submit = (call) => {
    const { ensembles: names } = engine.inventory;
    if (names.size === 0 || !names.has(call.model)) return next(call);
    const view = engine.versionFor(call);
    const { version, ensemble } = view;
    if (ensemble === undefined) return next({ ...call, drawn: version });
    requireMethod(view, call.method);
    return runEnsemble(call, { ensemble, version, submit, tracing, maxMessageBytes });
  };
  return submit;
}
