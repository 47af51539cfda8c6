// What a call is to the version that serves it: whether it may be made at all, and how many rows it counts.
import { inferPath } from '@weft/rpc';
import { WeftError } from '@weft/errors';
import type { VersionView } from '../replicas/inventory.ts';
import type { Call } from './pending-call.ts';

/** Throws INVALID_ARGUMENT for a method that the model does not serve, UNIMPLEMENTED where it serves that only as a stream. */
export function requireMethod(view: VersionView, method: string): void {
  if (method === inferPath) {
    if (view.entry.config?.modelTransactionPolicy?.decoupled === true)
      throw new WeftError('UNIMPLEMENTED', "ModelInfer RPC doesn't support models with decoupled transaction policy");
    return;
  }
  if (!view.entry.methods.includes(method)) throw notServed(view, method);
}

/** Throws INVALID_ARGUMENT for a method that the model does not serve as a stream. */
export function requireStreamMethod(view: VersionView, method: string): void {
  if (!view.entry.streamMethods.includes(method)) throw notServed(view, method);
}

function notServed({ model, entry }: VersionView, method: string): WeftError {
  const served = [...entry.methods, ...entry.streamMethods].join(', ') || inferPath;
  return new WeftError('INVALID_ARGUMENT', `model '${model}' does not serve ${method}; it serves ${served}`);
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
  const batches = method !== inferPath || (view.entry.config?.maxBatchSize ?? 0) > 0;
  return batches ? rows : 1;
}
