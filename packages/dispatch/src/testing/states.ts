// For tests: states as replicas report them. They pass through the codec, so that they have the form of the wire.
import { rpcMethod } from '@weft/rpc';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';

/** A READY version with one instance and a maximum of 4 rows, unless said otherwise. */
export function version(name: string, number: string, fields: ModelVersion = {}): ModelVersion {
  const config = { name, maxBatchSize: 4 };
  return { name, version: number, state: 'MODEL_STATE_READY', config, maxBatchSize: 4, instances: 1, ...fields };
}

export function replicaState(models: readonly ModelVersion[], fields: ReplicaState = {}): ReplicaState__Output {
  const watch = rpcMethod('/weft.executor.v1.Executor/Watch');
  const state = { replicaId: 'a', service: 'custom', models: [...models], ready: true, ...fields };
  return watch.decodeResponse(watch.encodeResponse(state)) as ReplicaState__Output;
}
