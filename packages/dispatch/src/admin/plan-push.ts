// What pushing a version means, given what is known of the model: pure.
import { isDeepStrictEqual } from 'node:util';
import { invalidArgument, WeftError } from '@weft/errors';
import { customService, validateArtifactPath, validateModelName, weftParameter } from '@weft/models';
import type { ArtifactFile__Output } from '@weft/rpc/messages/weft/models/v1/ArtifactFile';
import type { Rollout__Output } from '@weft/rpc/messages/weft/models/v1/Rollout';
import type { Manifest__Output } from '@weft/rpc/messages/weft/router/v1/Manifest';
import type { ModelChange } from '../rollout/model-change.ts';
import type { ModelFacts } from '../rollout/model-facts.ts';
import { withdrawalsWithout } from '../rollout/plan-rollout.ts';

/** Throws INVALID_ARGUMENT for a manifest that no model could satisfy. */
export function checkManifest({ name, version, files, canaryShare, shadowShare }: Manifest__Output): void {
  validateModelName(name);
  if (version !== '' && !/^[1-9]\d{0,14}$/.test(version))
    throw invalidArgument(`'${version}' is no version: a whole number above zero`);
  if (files.length === 0) throw invalidArgument('the manifest names no files');
  const paths = new Set<string>();
  for (const { path, sha256, size } of files) {
    validateArtifactPath(path);
    if (paths.has(path)) throw invalidArgument(`the manifest names '${path}' twice`);
    paths.add(path);
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalidArgument(`'${sha256}' is no sha-256 digest of '${path}'`);
    if (!Number.isSafeInteger(size)) throw invalidArgument(`${size} is no size of '${path}'`);
  }
  for (const path of paths) refuseFileAsFolder(path, paths);
  if (!(canaryShare >= 0 && canaryShare < 1))
    throw invalidArgument(`the share of a canary is below 1, not ${canaryShare}: push without one and all get it`);
  if (!(shadowShare >= 0 && shadowShare <= 1))
    throw invalidArgument(`the share of a shadow is 0 to 1, not ${shadowShare}`);
  if (canaryShare > 0 && shadowShare > 0) throw invalidArgument('a version is the canary or the shadow, not both');
}

function refuseFileAsFolder(path: string, paths: ReadonlySet<string>): void {
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const folder = path.slice(0, at);
    if (paths.has(folder)) throw invalidArgument(`the manifest names '${folder}' as a file and as a folder`);
  }
}

/** The service that serves it. Throws FAILED_PRECONDITION when another one has the name. */
function serviceOf({ name, service, config }: Manifest__Output, facts: ModelFacts): string {
  const configured = config === null ? undefined : weftParameter(config, 'service');
  const wanted = service !== '' ? service : (configured ?? facts.service ?? customService);
  if (facts.service !== undefined && facts.service !== wanted)
    throw new WeftError('FAILED_PRECONDITION', `model '${name}' is served by ${facts.service}, not by ${wanted}`);
  return wanted;
}

/** The version's number, when the manifest leaves it open. */
export function nextVersion({ versions, withdrawn }: ModelFacts): string {
  return String(Math.max(0, ...[...versions, ...withdrawn].map(Number)) + 1);
}

/** undefined: the event says so already. */
export function planPush(manifest: Manifest__Output, version: string, facts: ModelFacts): ModelChange | undefined {
  const service = serviceOf(manifest, facts);
  const known = facts.desired?.versions.find((one) => one.version === version);
  const { config, files, signatures } = manifest;
  if (known !== undefined && !(sameFiles(known.files, files) && isDeepStrictEqual(known.config, config)))
    throw new WeftError('ALREADY_EXISTS', `version ${version} of model '${facts.name}' is there with other content`);
  const rollout = rolloutWith(manifest, version, facts);
  const unchanged =
    known !== undefined &&
    isDeepStrictEqual(rollout, facts.rollout) &&
    facts.desired?.unloaded === false &&
    !facts.withdrawn.includes(version);
  if (unchanged) return undefined;
  return {
    reason: `pushed version ${version}`,
    service,
    unloaded: false,
    rollout,
    withdrawals: withdrawalsWithout(facts, version),
    ...(known === undefined ? { newVersion: { version, config, files, signatures } } : {}),
  };
}

function rolloutWith(
  { canaryShare, shadowShare }: Manifest__Output,
  version: string,
  facts: ModelFacts,
): Rollout__Output {
  const { name, rollout, stable } = facts;
  const others = stable !== undefined && stable !== version;
  if (canaryShare > 0 || shadowShare > 0) {
    if (!others)
      throw new WeftError(
        'FAILED_PRECONDITION',
        `model '${name}' has no version beside ${version}: push it for all first`,
      );
    if (canaryShare > 0) return { ...rollout, stable, canary: version, canaryShare };
    return { ...rollout, stable, shadow: version, shadowShare };
  }
  if (rollout.canary !== '' && rollout.canary !== version)
    throw new WeftError(
      'FAILED_PRECONDITION',
      `version ${rollout.canary} of model '${name}' is the canary: promote it or roll it back first`,
    );
  // Whoever pushes for all means this version, also where an older one was promoted or rolled back to.
  const settled = rollout.canary === version ? { ...rollout, canary: '', canaryShare: 0 } : rollout;
  return settled.stable === '' && settled.shadow === '' ? settled : { ...settled, stable: version };
}

function sameFiles(known: readonly ArtifactFile__Output[], given: readonly ArtifactFile__Output[]): boolean {
  const digests = (files: readonly ArtifactFile__Output[]): string[] =>
    files.map(({ path, sha256, size }) => `${path}\n${sha256}\n${size}`).sort();
  return isDeepStrictEqual(digests(known), digests(given));
}
