// What the router has learned of a model's times, taken together over its replicas: a further replica is taken to be like
// those that there are.
import type { ReplicaProfile } from '@weft/client';
import { WeftError } from '@weft/errors';
import { type ModelProfile, usualDeviation } from './model-profile.ts';

export interface WantedProfile {
  readonly model: string;
  /** `Embed` or a full path; undefined: the first that the model has. */
  readonly method: string | undefined;
  readonly router: string;
}

/**
 * Of the newest version of which something was measured. Throws FAILED_PRECONDITION when nothing was, INVALID_ARGUMENT for a
 * method that the model does not have.
 */
export function profileOfRouter(profiles: readonly ReplicaProfile[], wanted: WantedProfile): ModelProfile {
  const { model, method, router } = wanted;
  const measured = profiles.filter(({ times }) => times.length > 0);
  const [newest] = measured;
  if (newest === undefined)
    throw new WeftError(
      'FAILED_PRECONDITION',
      profiles.length === 0
        ? `no replica serves ${model} in batches at present: weft models tells why, --profile takes times from a file`
        : `nobody has measured ${model} yet: send it some requests, or give --profile`,
    );
  const ofVersion = measured.filter(({ version }) => version === newest.version);
  const chosen = method === undefined ? newest.method : ofVersion.find((one) => isCalled(one.method, method))?.method;
  const replicas = ofVersion.filter((one) => one.method === chosen);
  if (chosen === undefined)
    throw new WeftError(
      'INVALID_ARGUMENT',
      `${model} has no method ${method}; it has ${[...new Set(ofVersion.map((one) => one.method))].join(', ')}`,
    );
  const maxRows = Math.min(...replicas.map(({ maxBatchSize }) => maxBatchSize));
  const sizes = new Set(replicas.flatMap(({ times }) => times.map(({ rows }) => rows)));
  return {
    model,
    version: newest.version,
    method: chosen,
    source: `${router}, ${replicas.length === 1 ? 'one replica' : `${replicas.length} replicas`}`,
    maxRows,
    instances: Math.min(...replicas.map(({ instances }) => instances)),
    times: [...sizes]
      .filter((rows) => rows <= maxRows)
      .map((rows) => ({
        rows,
        ms: mean(replicas.flatMap(({ times }) => times.filter((one) => one.rows === rows)).map(({ ms }) => ms)),
      })),
    deviation: Math.max(usualDeviation, mean(replicas.map(({ deviation }) => deviation))),
    marginMs: Math.max(...replicas.map(({ marginMs }) => marginMs)),
  };
}

function isCalled(path: string, method: string): boolean {
  return path === method || path.endsWith(`/${method}`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
