export { type Artifact, type BackendName, type ModelFolder, resolveArtifact } from './artifact.ts';
export { fetchReferences } from './artifacts/fetch-references.ts';
export { type OpenVersionStoreOptions, openVersionStore } from './artifacts/open-version-store.ts';
export type { PushedVersion } from './artifacts/pushed-version.ts';
export { keyId, readSigningKey, type TrustedKeys } from './artifacts/trusted-keys.ts';
export { signVersion, verifyVersion } from './artifacts/verify-version.ts';
export {
  type NeededArtifacts,
  type PlaceOptions,
  VersionStore,
  type VersionStoreOptions,
} from './artifacts/version-store.ts';
export { checkConfig } from './check-config.ts';
export { completeConfig, datatypeOf, type ModelInterface } from './complete-config.ts';
export { parseConfigJson, parseConfigText, readConfigFile } from './config-file.ts';
export { refuseUnknownParameters } from './known-parameters.ts';
export { type ModelRecord, provisionally, recallEvent, recordEvent, seenRevision } from './desired/model-record.ts';
export { diskModel, readDiskModel } from './desired/read-disk-model.ts';
export {
  type DiskModel,
  nothingWanted,
  type WantedModel,
  type WantedVersion,
  wantedModel,
} from './desired/wanted-model.ts';
export type { ArtifactDepot, StoredFile } from './event-log/artifact-depot.ts';
export { validateArtifactPath } from './event-log/artifact-path.ts';
export { type EventLog, type Follower, type LoggedEvent, maxEventBytes, type NewEvent } from './event-log/event-log.ts';
export { LastKnown } from './event-log/last-known.ts';
export { openEventLog, type OpenEventLogOptions } from './event-log/open-event-log.ts';
export {
  type CreateMessage,
  type DesiredEvent,
  type Editable,
  editModelEvent,
  readModelEvent,
} from './event-log/model-event.ts';
export { maxRows } from './max-rows.ts';
export { modelMetadata } from './metadata.ts';
export { validateModelName } from './model-name.ts';
export { weftParameter, weftParameters } from './parameters.ts';
export { customService, type RepositoryModel, type RepositoryOptions, scanRepositories } from './repository.ts';
export type { QueuePolicy } from './queue-policies.ts';
export {
  type SequenceBatching,
  sequenceBatchingOf,
  type SequenceControl,
  type SequenceState,
} from './sequence-batching.ts';
export { type Scheduling, schedulingOf } from './scheduling.ts';
export { misfit } from './ensembles/fit-steps.ts';
export { type Ensemble, type EnsembleStep, isEnsemble, readEnsemble } from './ensembles/read-ensemble.ts';
export { chooseVersions } from './version-policy.ts';
