// Which versions of a model a replica should have loaded, and where each comes from: pure, from what lies in the model
// repositories and what the model's last event says. Pushed versions come on top of those in the repositories, and take the
// place of those with the same number. An identity tells whether what is loaded is still what is wanted.
import { createHash } from 'node:crypto';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { DesiredVersion__Output } from '@weft/rpc/messages/weft/models/v1/DesiredVersion';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { toModelConfig } from '../config-schema.ts';
import type { RepositoryModel } from '../repository.ts';
import { chooseVersions } from '../version-policy.ts';
import { loadingChanges } from './loading-changes.ts';

/** A model in a model repository, as it was last read. */
export interface DiskModel {
  readonly model: RepositoryModel;
  /** Version → what changes when its files do (fingerprint.ts). */
  readonly fingerprints: ReadonlyMap<string, string>;
}

export type VersionOrigin =
  | { readonly kind: 'repository'; readonly directory: string }
  /** To be placed from the event's files. */
  | { readonly kind: 'pushed'; readonly service: string; readonly version: DesiredVersion__Output };

export interface WantedVersion {
  readonly model: string;
  readonly version: string;
  readonly config: ModelConfig__Output;
  readonly origin: VersionOrigin;
  /** The same as long as files and configuration are the same. */
  readonly identity: string;
}

export interface WantedModel {
  /** The newest first. */
  readonly versions: readonly WantedVersion[];
  /** What could serve if none of those can be loaded, the newest first. */
  readonly fallbacks: readonly WantedVersion[];
  /** Versions that may not serve → why. */
  readonly withdrawn: ReadonlyMap<string, string>;
  /** An event says that this service serves none of it. */
  readonly dismissed: boolean;
  /** What keeps it from being served as it should be, apart from how loading goes. */
  readonly problem: string | undefined;
}

export const nothingWanted: WantedModel = {
  versions: [],
  fallbacks: [],
  withdrawn: new Map(),
  dismissed: false,
  problem: undefined,
};

export interface Sources {
  /** The name of the replica's service. */
  readonly service: string;
  readonly disk: DiskModel | undefined;
  /** What the model's last event says. */
  readonly desired: DesiredModel__Output | undefined;
  /** Nothing is loaded but what a trusted key has signed, and what lies in the model repositories: an event cannot change that. */
  readonly signedOnly: boolean;
}

export function wantedModel({ service, disk: found, desired, signedOnly }: Sources): WantedModel {
  const withdrawals = desired?.withdrawals ?? [];
  const withdrawn = new Map(withdrawals.map(({ version, reason }) => [version, reason]));
  const elsewhere = desired !== undefined && desired.service !== service;
  if (elsewhere || desired?.unloaded === true) return { ...nothingWanted, withdrawn, dismissed: true };
  const disk = found?.model.service === service ? found : undefined;
  const candidates = new Map<string, WantedVersion>();
  const override = desired?.configOverride ?? undefined;
  const changes =
    disk === undefined || override === undefined || !signedOnly ? [] : loadingChanges(disk.model.config, override);
  const accepted = changes.length === 0 ? override : undefined;
  if (disk !== undefined) for (const version of diskVersions(disk, accepted)) candidates.set(version.version, version);
  if (desired !== undefined) for (const version of pushedVersions(desired)) candidates.set(version.version, version);
  for (const version of withdrawn.keys()) candidates.delete(version);
  const named = namedVersions(desired).filter((version) => !withdrawn.has(version));
  const chosen = new Set([...chosenVersions(candidates, desired), ...named]);
  const all = [...candidates.values()].sort(newestFirst);
  const versions = all.filter(({ version }) => chosen.has(version));
  const missing = named.filter((version) => !candidates.has(version));
  return {
    versions,
    fallbacks: all.filter(({ version }) => !chosen.has(version)),
    withdrawn,
    dismissed: false,
    problem: problemOf({ versions, missing, withdrawn, changes, onDisk: disk?.model.problem }),
  };
}

function diskVersions({ model, fingerprints }: DiskModel, override: ModelConfig__Output | undefined): WantedVersion[] {
  const { name, directory } = model;
  const config = override === undefined ? model.config : { ...override, name };
  return model.present.map((version) => ({
    model: name,
    version,
    config,
    origin: { kind: 'repository', directory },
    identity: digest(['repository', directory, config, fingerprints.get(version) ?? '']),
  }));
}

function pushedVersions({ name, service, versions }: DesiredModel__Output): WantedVersion[] {
  return versions.map((version) => {
    const config = { ...(version.config ?? toModelConfig({})), name };
    // Where a file comes from says nothing of what it is.
    const files = version.files.map(({ path, sha256, size }) => `${sha256} ${size} ${path}`).sort();
    const origin = { kind: 'pushed', service, version } as const;
    return { model: name, version: version.version, config, origin, identity: digest(['pushed', config, files]) };
  });
}

/** By the event's policy, or else that of the newest version. */
function chosenVersions(
  candidates: ReadonlyMap<string, WantedVersion>,
  desired: DesiredModel__Output | undefined,
): string[] {
  const [newest] = [...candidates.values()].sort(newestFirst);
  const policy = desired?.versionPolicy ?? newest?.config.versionPolicy ?? null;
  return chooseVersions([...candidates.keys()].map(Number), policy).map(String);
}

/** Versions that have a part in the rollout. */
function namedVersions(desired: DesiredModel__Output | undefined): string[] {
  const rollout = desired?.rollout;
  if (rollout === null || rollout === undefined) return [];
  return [rollout.stable, rollout.canary, rollout.shadow].filter((version) => version !== '');
}

interface Findings {
  readonly versions: readonly WantedVersion[];
  readonly missing: readonly string[];
  readonly withdrawn: ReadonlyMap<string, string>;
  /** Why the event's configuration does not take the place of the one in the model repository. */
  readonly changes: readonly string[];
  /** Why nothing in the model repository can be served. */
  readonly onDisk: string | undefined;
}

function problemOf({ versions, missing, withdrawn, changes, onDisk }: Findings): string | undefined {
  const problems = missing.map((version) => `version ${version} is neither pushed nor in the model repository`);
  if (changes.length > 0)
    problems.push(
      `with --trusted-keys an unsigned configuration may not change what is loaded (${changes.join(', ')}): the one in the model repository stays`,
    );
  if (versions.length === 0) {
    const nothing = withdrawn.size > 0 ? 'every version that could serve is withdrawn' : 'it has no version to serve';
    problems.push(onDisk ?? nothing);
  }
  return problems.length === 0 ? undefined : problems.join('; ');
}

function newestFirst(a: WantedVersion, b: WantedVersion): number {
  return Number(b.version) - Number(a.version);
}

function digest(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content, sortedKeys)).digest('hex');
}

/** The same text for equal objects, in whatever order their keys were set. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
