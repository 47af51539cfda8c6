// The calls of the Open Inference Protocol that need no replica: answered from the inventory.
import { WeftError } from '@weft/errors';
import type { ModelMetadataRequest__Output } from '@weft/rpc/messages/inference/ModelMetadataRequest';
import type { ModelMetadataResponse } from '@weft/rpc/messages/inference/ModelMetadataResponse';
import type { ModelReadyRequest__Output } from '@weft/rpc/messages/inference/ModelReadyRequest';
import type { ModelReadyResponse } from '@weft/rpc/messages/inference/ModelReadyResponse';
import type { RepositoryIndexRequest__Output } from '@weft/rpc/messages/inference/RepositoryIndexRequest';
import type { RepositoryIndexResponse } from '@weft/rpc/messages/inference/RepositoryIndexResponse';
import type { ServerMetadataResponse } from '@weft/rpc/messages/inference/ServerMetadataResponse';
import type { RpcServer } from '@weft/rpc';
import { type Inventory, stateName, type VersionView, whyNotReady, whyWithdrawn } from './inventory.ts';
import { readyVersion, resolveVersion } from './resolve-version.ts';

export interface OpenInferenceOptions {
  readonly serverName: string;
  readonly serverVersion: string;
  readonly inventory: () => Inventory;
  readonly ready: () => boolean;
}

const service = '/inference.GRPCInferenceService';

export function registerOpenInference(
  server: RpcServer,
  { serverName, serverVersion, inventory, ready }: OpenInferenceOptions,
): void {
  server.unary(`${service}/ServerLive`, () => ({ live: true }));
  server.unary(`${service}/ServerReady`, () => ({ ready: ready() }));
  server.unary(
    `${service}/ServerMetadata`,
    (): ServerMetadataResponse => ({ name: serverName, version: serverVersion, extensions: [] }),
  );
  server.unary(`${service}/ModelReady`, (request: ModelReadyRequest__Output): ModelReadyResponse => {
    requireName(request.name);
    return { ready: modelReady(inventory(), request.name, request.version) };
  });
  server.unary(`${service}/ModelMetadata`, (request: ModelMetadataRequest__Output): ModelMetadataResponse => {
    requireName(request.name);
    return metadata(inventory(), request.name, request.version);
  });
  server.unary(`${service}/RepositoryIndex`, (request: RepositoryIndexRequest__Output): RepositoryIndexResponse => {
    if (request.repositoryName !== '')
      throw new WeftError('UNIMPLEMENTED', "there is one repository: 'repository_name' must be empty");
    return { models: repositoryIndex(inventory(), request.ready) };
  });
}

export function requireName(model: string): void {
  if (model === '') throw new WeftError('INVALID_ARGUMENT', 'Model name cannot be empty');
}

/** Whether a version, or with an empty one any that serves, is READY. An unknown model is not. */
export function modelReady(inventory: Inventory, model: string, version: string): boolean {
  return readyVersion(inventory, model, version) !== undefined;
}

function metadata(inventory: Inventory, model: string, version: string): ModelMetadataResponse {
  const view = resolveVersion(inventory, model, version);
  const ready = (inventory.models.get(model) ?? []).filter((other) => other.ready).map((other) => other.version);
  return { ...view.entry.metadata, versions: version === '' ? ready : [version] };
}

/** Withdrawn and unloaded versions stay in the index, with the reason, also where no replica reports them any more. */
function repositoryIndex(inventory: Inventory, readyOnly: boolean): NonNullable<RepositoryIndexResponse['models']> {
  const views = [...inventory.models.values()].flat();
  const rows = [
    ...views.map((view) => indexRow(view, inventory.conflicts.get(view.model))),
    ...[...inventory.desired].flatMap(([name]) => absentRows(inventory, name)),
  ];
  return rows
    .filter((row) => !readyOnly || row.state === 'READY')
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Of versions that the event log knows and no replica reports. */
function absentRows(inventory: Inventory, name: string): ReturnType<typeof indexRow>[] {
  const wanted = inventory.desired.get(name);
  const reported = new Set(inventory.models.get(name)?.map(({ version }) => version));
  const versions = new Set([...(wanted?.versions ?? []), ...(wanted?.withdrawals ?? [])].map(({ version }) => version));
  // An unloaded model of the replicas' own repositories: which versions there are only they know.
  if (wanted?.unloaded === true && reported.size === 0 && versions.size === 0) versions.add('');
  return [...versions]
    .filter((version) => !reported.has(version))
    .flatMap((version) => {
      const reason = whyWithdrawn(inventory.desired, name, version);
      return reason === undefined ? [] : [{ name, version, state: 'UNAVAILABLE', reason }];
    });
}

function indexRow(
  view: VersionView,
  conflict: string | undefined,
): { name: string; version: string; state: string; reason: string } {
  const { model: name, version } = view;
  if (conflict !== undefined) return { name, version, state: 'UNAVAILABLE', reason: conflict };
  if (view.withdrawn !== undefined) return { name, version, state: 'UNAVAILABLE', reason: view.withdrawn };
  if (!view.ready) {
    const known = view.replicas.find(
      ({ entry, away }) => away !== 'not connected' && entry.state !== 'MODEL_STATE_READY',
    );
    const state = known === undefined ? 'UNAVAILABLE' : stateName(known.entry);
    return { name, version, state, reason: whyNotReady(view, state) };
  }
  const serving = view.replicas.filter((replica) => replica.serving).length;
  const all = view.replicas.length;
  return {
    name,
    version,
    state: 'READY',
    reason: serving === all ? '' : `${serving}/${all} replicas: ${whyNotReady(view)}`,
  };
}
