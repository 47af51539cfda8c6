export { type Artifact, type BackendName, resolveArtifact } from './artifact.ts';
export { completeConfig, datatypeOf, type ModelInterface } from './complete-config.ts';
export { parseConfigJson, parseConfigText, readConfigFile } from './config-file.ts';
export { modelMetadata } from './metadata.ts';
export { validateModelName } from './model-name.ts';
export { weftParameter, weftParameters } from './parameters.ts';
export { customService, type RepositoryModel, type RepositoryOptions, scanRepositories } from './repository.ts';
export { chooseVersions } from './version-policy.ts';
