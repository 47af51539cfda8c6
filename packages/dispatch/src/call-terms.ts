// What a call is to the version that serves it: whether it may be made at all, and how many rows it counts.
import { WeftError } from '@weft/errors';
import type { VersionView } from './inventory.ts';
import type { Call } from './pending-call.ts';

const inferMethod = '/inference.GRPCInferenceService/ModelInfer';

/** Throws INVALID_ARGUMENT for a method that the model does not serve. */
export function requireMethod(view: VersionView, method: string): void {
  if (method === inferMethod || view.entry.methods.includes(method)) return;
  throw new WeftError(
    'INVALID_ARGUMENT',
    `model '${view.model}' does not serve ${method}; it serves ${view.entry.methods.join(', ') || inferMethod}`,
  );
}

/** Throws UNAVAILABLE for an ensemble: a call that came for instances of its model, and waited, finds none any more. */
export function requireInstances({ model, version, ensemble }: VersionView): void {
  if (ensemble === undefined) return;
  throw new WeftError(
    'UNAVAILABLE',
    `model '${model}' version ${version} is an ensemble by now: send the request again`,
  );
}

/** What does not batch is one row, whatever the first dimension of its first input means. */
export function rowsFor(view: VersionView, { method, rows }: Call): number {
  const batches = method !== inferMethod || (view.entry.config?.maxBatchSize ?? 0) > 0;
  return batches ? rows : 1;
}
