// What is known of one model when somebody wants to change it: the last event, and what the replicas report.
import { WeftError } from '@weft/errors';
import type { ModelVersionPolicy__Output } from '@weft/rpc/messages/inference/ModelVersionPolicy';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { Rollout__Output } from '@weft/rpc/messages/weft/models/v1/Rollout';
import type { Inventory, VersionView } from '../replicas/inventory.ts';
import { versionShares } from './version-shares.ts';

export interface ModelFacts {
  readonly name: string;
  /** Whose replicas serve it; undefined when nobody knows the model. */
  readonly service: string | undefined;
  readonly desired: DesiredModel__Output | undefined;
  /** Pushed ones and reported ones, the newest first. */
  readonly versions: readonly string[];
  readonly withdrawn: readonly string[];
  /** Which versions should be loaded, as the event or the newest version says. */
  readonly policy: ModelVersionPolicy__Output | null;
  /** With nothing set when there is none. */
  readonly rollout: Rollout__Output;
  /** The version that serves what names none, canaries aside: the named one, or the one that requests go to now. */
  readonly stable: string | undefined;
}

const noRollout: Rollout__Output = { stable: '', canary: '', canaryShare: 0, shadow: '', shadowShare: 0 };

export function modelFacts(inventory: Inventory, name: string, desired: DesiredModel__Output | undefined): ModelFacts {
  const views = inventory.models.get(name) ?? [];
  const numbers = new Set([
    ...views.map(({ version }) => version),
    ...(desired?.versions ?? []).map((one) => one.version),
  ]);
  const versions = [...numbers].filter((version) => version !== '').sort((a, b) => Number(b) - Number(a));
  const withdrawn = (desired?.withdrawals ?? []).map(({ version }) => version);
  const rollout = desired?.rollout ?? noRollout;
  const serving = versionShares(views, rollout).find(({ view }) => view.version !== rollout.canary);
  const eligible = versions.filter(
    (one) => !withdrawn.includes(one) && one !== rollout.canary && one !== rollout.shadow,
  );
  const stable = rollout.stable !== '' ? rollout.stable : (serving?.view.version ?? eligible[0]);
  const service = desired?.service ?? views[0]?.service;
  const policy =
    desired?.versionPolicy ??
    policyOf(
      versions.find((one) => !withdrawn.includes(one)),
      views,
      desired,
    );
  return { name, service, desired, versions, withdrawn, policy, rollout, stable };
}

/** A pushed version goes before one in a model repository. */
function policyOf(
  version: string | undefined,
  views: readonly VersionView[],
  desired: DesiredModel__Output | undefined,
): ModelVersionPolicy__Output | null {
  const pushed = desired?.versions.find((one) => one.version === version);
  const config = pushed === undefined ? views.find((one) => one.version === version)?.entry.config : pushed.config;
  return config?.versionPolicy ?? null;
}

/** Throws NOT_FOUND for a model that nobody knows. */
export function requireService({ name, service }: ModelFacts): string {
  if (service === undefined) throw new WeftError('NOT_FOUND', `Request for unknown model: '${name}' is not found`);
  return service;
}
