// Loads a model whose files came with the call: each version becomes a pushed one, by the same checks and in the same depot, so that
// it reaches every replica and outlives restarts. Unlike a push, a load takes the place of a version that is there under its number.
import { createHash } from 'node:crypto';
import { invalidArgument } from '@weft/errors';
import { validateModelName } from '@weft/models';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { ArtifactFile__Output } from '@weft/rpc/messages/weft/models/v1/ArtifactFile';
import type { Manifest__Output } from '@weft/rpc/messages/weft/router/v1/Manifest';
import type { Caller } from '../engine/caller.ts';
import type { ModelChange } from '../rollout/model-change.ts';
import { type ModelFacts, requireService } from '../rollout/model-facts.ts';
import { dropOldest } from './drop-oldest.ts';
import { authorOf, type MeshAdmin, type ReplicaOutcomes } from './mesh-admin.ts';
import { checkManifest, planPush } from './plan-push.ts';

/** Path below the version's folder → content. */
export type LoadedFiles = ReadonlyMap<string, Buffer>;

export interface ModelFiles {
  readonly name: string;
  readonly config: ModelConfig__Output;
  /** At least one. */
  readonly versions: ReadonlyMap<string, LoadedFiles>;
}

/** Nothing is in the log before all files are in the depot. */
export async function loadFiles(
  admin: MeshAdmin,
  { name, config, versions }: ModelFiles,
  caller: Caller,
): Promise<ReplicaOutcomes> {
  validateModelName(name);
  if (config.name !== '' && config.name !== name)
    throw invalidArgument(`the configuration names the model '${config.name}', not '${name}'`);
  const manifests = [...versions]
    .map(([version, files]) => manifestOf(name, { version, config: { ...config, name }, files }))
    .sort((a, b) => Number(a.version) - Number(b.version));
  for (const manifest of manifests) checkManifest(manifest);
  for (const { version, files } of manifests) {
    for (const file of files) {
      const content = versions.get(version)?.get(file.path) as Buffer;
      if (!(await admin.options.artifacts.has(file))) await admin.options.artifacts.put(file, whole(content));
    }
  }
  let change = { model: name, service: '', revision: 0 };
  for (const manifest of manifests) {
    const { revision, model } = await admin.change(name, authorOf(caller), (facts) =>
      planLoad(manifest, facts, admin.options.keepVersions),
    );
    change = { model: name, service: model.service, revision };
  }
  return admin.outcome(change, caller);
}

/** Pure. */
function planLoad(manifest: Manifest__Output, facts: ModelFacts, keepVersions: number): ModelChange {
  const { version } = manifest;
  const again = { unloaded: false, loadGeneration: (facts.desired?.loadGeneration ?? 0) + 1 };
  const others = withoutVersion(facts, version);
  const known = facts.desired?.versions.find((one) => one.version === version);
  const same = known !== undefined && sameContent(known, manifest);
  const change = dropOldest(planPush(manifest, version, same ? facts : others), facts, keepVersions);
  if (change === undefined) return { reason: `loaded version ${version}`, service: requireService(facts), ...again };
  // Whoever loads a version means that one, also where a newer one lies in a repository.
  const newest = facts.versions.every((one) => Number(one) <= Number(version));
  const rollout = newest || change.rollout === undefined ? {} : { rollout: { ...change.rollout, stable: version } };
  const dropped = [...(change.dropped ?? []), ...(known === undefined || same ? [] : [version])];
  return { ...change, ...rollout, ...again, dropped, reason: `loaded version ${version} with its files` };
}

function withoutVersion(facts: ModelFacts, version: string): ModelFacts {
  const { desired } = facts;
  if (desired === undefined) return facts;
  return { ...facts, desired: { ...desired, versions: desired.versions.filter((one) => one.version !== version) } };
}

function sameContent(known: Pick<Manifest__Output, 'files' | 'config'>, manifest: Manifest__Output): boolean {
  const content = ({ files, config }: Pick<Manifest__Output, 'files' | 'config'>): string =>
    JSON.stringify([files.map(({ path, sha256 }) => `${sha256} ${path}`).sort(), config]);
  return content(known) === content(manifest);
}

function manifestOf(
  name: string,
  { version, config, files }: { version: string; config: ModelConfig__Output; files: LoadedFiles },
): Manifest__Output {
  const entries = [...files].map(
    ([path, content]): ArtifactFile__Output => ({
      path,
      sha256: createHash('sha256').update(content).digest('hex'),
      size: content.length,
      source: '',
    }),
  );
  return { name, version, service: '', config, files: entries, signatures: [], canaryShare: 0, shadowShare: 0 };
}

async function* whole(content: Buffer): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(content);
}
