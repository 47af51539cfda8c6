// For tests: what a fake router knows of a model, and what an admin call makes of it.
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { Rollout__Output } from '@weft/rpc/messages/weft/models/v1/Rollout';
import type { ModelStatus } from '@weft/rpc/messages/weft/router/v1/ModelStatus';
import type { SetRolloutRequest__Output } from '@weft/rpc/messages/weft/router/v1/SetRolloutRequest';
import { Refusal } from './fake-router.ts';

export interface FakeModel {
  readonly desired: DesiredModel__Output;
  revision: number;
  /** READY, or the reason why not, by version and replica. */
  readonly states: Map<string, Map<string, string>>;
}

export function fakeModel(name: string, service: string): FakeModel {
  const desired: DesiredModel__Output = {
    name,
    service,
    versions: [],
    versionPolicy: null,
    rollout: null,
    unloaded: false,
    withdrawals: [],
    loadGeneration: 0,
    configOverride: null,
  };
  return { desired, revision: 0, states: new Map() };
}

export function newestVersion({ desired }: FakeModel): string {
  return String(Math.max(0, ...desired.versions.map(({ version }) => Number(version))));
}

export function rolloutOf(model: FakeModel): Rollout__Output {
  model.desired.rollout ??= { stable: newestVersion(model), canary: '', canaryShare: 0, shadow: '', shadowShare: 0 };
  return model.desired.rollout;
}

export function applyRollout(model: FakeModel, change: SetRolloutRequest__Output): void {
  const rollout = rolloutOf(model);
  const { promote, rollBack, canary, shadow } = change;
  if (promote) {
    const version = promote.version || rollout.canary;
    if (version === '') throw new Refusal('FAILED_PRECONDITION', `model '${change.name}' has no canary to promote`);
    Object.assign(rollout, { stable: version, canary: '', canaryShare: 0 });
  } else if (rollBack) {
    const version = rollBack.version || rollout.canary || rollout.stable;
    model.desired.withdrawals.push({ version, reason: rollBack.reason || 'rolled back', atMs: 0 });
    Object.assign(rollout, { canary: '', canaryShare: 0 });
  } else if (canary) {
    Object.assign(rollout, {
      canary: canary.version || rollout.canary || newestVersion(model),
      canaryShare: canary.share,
    });
  } else if (shadow) {
    const version = shadow.share === 0 ? '' : shadow.version || newestVersion(model);
    Object.assign(rollout, { shadow: version, shadowShare: shadow.share });
  }
}

export function modelStatus(
  { desired, revision, states }: FakeModel,
  replicas: readonly { id: string }[],
): ModelStatus {
  const { name, service, rollout, unloaded, withdrawals } = desired;
  const versions = desired.versions.map(({ version }) => {
    const stable = rollout === null || rollout.stable === version ? 1 - (rollout?.canaryShare ?? 0) : 0;
    return {
      version,
      share: rollout?.canary === version ? rollout.canaryShare : stable,
      shadowShare: rollout?.shadow === version ? rollout.shadowShare : 0,
      withdrawn: withdrawals.find((withdrawal) => withdrawal.version === version)?.reason ?? '',
      answered: 0,
      failed: 0,
      replicas: replicas.map(({ id }) => {
        const state = states.get(version)?.get(id) ?? 'READY';
        const ready = state === 'READY';
        return {
          replicaId: id,
          endpoint: `${id}.test:8041`,
          state: ready ? 'READY' : 'UNAVAILABLE',
          reason: ready ? '' : state,
        };
      }),
    };
  });
  const event = { model: desired, author: 'test', atMs: 1_700_000_000_000, traceparent: '', reason: 'a test said so' };
  return { name, service, event, revision, versions, reason: unloaded ? 'unloaded' : '' };
}
