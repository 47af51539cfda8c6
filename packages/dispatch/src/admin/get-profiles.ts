// How long batches take, by what this router's lanes have learned: for whoever plans how many replicas a load needs.
import { WeftError } from '@weft/errors';
import { inferPath } from '@weft/rpc';
import type { GetProfilesRequest__Output } from '@weft/rpc/messages/weft/router/v1/GetProfilesRequest';
import type { ReplicaProfile } from '@weft/rpc/messages/weft/router/v1/ReplicaProfile';
import type { DispatchEngine } from '../engine/engine.ts';

/**
 * Throws NOT_FOUND for a model or version that nobody knows, FAILED_PRECONDITION for an ensemble, which has no batches of its
 * own.
 */
export function getProfiles(
  { inventory, queues }: Pick<DispatchEngine, 'inventory' | 'queues'>,
  { name, version }: Pick<GetProfilesRequest__Output, 'name' | 'version'>,
): ReplicaProfile[] {
  const views = (inventory.models.get(name) ?? []).filter((view) => version === '' || view.version === version);
  if (views.length === 0) {
    const what = version === '' ? `'${name}'` : `'${name}' version ${version}`;
    throw new WeftError('NOT_FOUND', `Request for unknown model: ${what} is not found`);
  }
  if (views.every(({ ensemble }) => ensemble !== undefined))
    throw new WeftError('FAILED_PRECONDITION', `model '${name}' is an ensemble: ask for the models of its steps`);
  const lanes = [...queues].filter((lane) => lane.model === name);
  return views
    .toSorted((a, b) => Number(b.version) - Number(a.version))
    .flatMap((view) => {
      const { methods } = view.entry;
      const replicas = lanes.filter((lane) => lane.version === view.version).flatMap((lane) => [...lane.replicas]);
      return replicas
        .flatMap((replica) => replica.profiles(methods.length === 0 ? [inferPath] : methods))
        .map(({ method, endpoint, instances, marginMs, profile }) => ({
          ...{ version: view.version, method, endpoint, instances, marginMs },
          maxBatchSize: profile.maxRows,
          times: [...profile.expected],
          deviation: profile.deviation,
        }));
    });
}
