// What each wish about a rollout means, given what is known of the model: pure, so that it can be asked again when another
// writer was faster. All throw INVALID_ARGUMENT, NOT_FOUND or FAILED_PRECONDITION, saying why, for a wish that makes no sense.
import { invalidArgument, WeftError } from '@weft/errors';
import type { Rollout__Output } from '@weft/rpc/messages/weft/models/v1/Rollout';
import type { Withdrawal } from '@weft/rpc/messages/weft/models/v1/Withdrawal';
import type { ModelChange } from './model-change.ts';
import { type ModelFacts, requireService } from './model-facts.ts';

/** `version` empty: the canary. */
export function planPromotion(facts: ModelFacts, version: string): ModelChange {
  const { rollout } = facts;
  const chosen = version === '' ? rollout.canary : version;
  if (chosen === '') throw refused(`model '${facts.name}' has no canary: name the version to promote`);
  return {
    ...changing(facts, chosen, `promoted version ${chosen}`),
    rollout: { ...withoutTrial(rollout, chosen), stable: chosen, canary: '', canaryShare: 0 },
    withdrawals: withdrawalsWithout(facts, chosen),
  };
}

/** `version` empty: the canary, or else the version that serves. */
export function planRollback(facts: ModelFacts, version: string, withdrawal: Omit<Withdrawal, 'version'>): ModelChange {
  const { name, rollout, stable, versions, withdrawn } = facts;
  const chosen = version !== '' ? version : rollout.canary !== '' ? rollout.canary : (stable ?? '');
  if (chosen === '') throw refused(`model '${name}' has no version that could be rolled back`);
  const change = changing(facts, chosen, `rolled back version ${chosen}: ${withdrawal.reason ?? ''}`);
  const kept = withoutTrial(rollout, chosen);
  const next = versions.find((one) => one !== chosen && !withdrawn.includes(one) && !isOnTrial(rollout, one));
  if (chosen === stable && next === undefined)
    throw refused(
      `version ${chosen} is the only one of model '${name}': promote another one by its number, or unload it`,
    );
  return {
    ...change,
    rollout: chosen === stable ? { ...kept, stable: next as string } : { ...kept, stable: stable ?? '' },
    withdrawals: [...withdrawalsWithout(facts, chosen), { ...withdrawal, version: chosen }],
  };
}

/** `version` empty: the present canary, or else the newest version. */
export function planCanary(facts: ModelFacts, version: string, share: number): ModelChange {
  if (!(share > 0 && share < 1))
    throw invalidArgument(`the share of a canary is above 0 and below 1, not ${share}: promote or roll back for those`);
  const { name, rollout, stable } = facts;
  const chosen = version !== '' ? version : rollout.canary !== '' ? rollout.canary : newest(facts);
  if (chosen === undefined || stable === undefined || chosen === stable)
    throw refused(
      `model '${name}' has no version beside version ${stable ?? chosen ?? '1'}: push the canary, or name it`,
    );
  return {
    ...changing(facts, chosen, `version ${chosen} is the canary, with ${percent(share)} of the requests`),
    rollout: { ...withoutTrial(rollout, chosen), stable, canary: chosen, canaryShare: share },
    withdrawals: withdrawalsWithout(facts, chosen),
  };
}

/** `version` empty: the present shadow, or else the newest version. A share of 0 ends it. */
export function planShadow(facts: ModelFacts, version: string, share: number): ModelChange {
  if (!(share >= 0 && share <= 1)) throw invalidArgument(`the share of a shadow is 0 to 1, not ${share}`);
  const { name, rollout, stable } = facts;
  if (share === 0) {
    const ended = { ...rollout, stable: stable ?? '', shadow: '', shadowShare: 0 };
    return { reason: 'no shadow any more', service: requireService(facts), rollout: ended };
  }
  const chosen = version !== '' ? version : rollout.shadow !== '' ? rollout.shadow : newest(facts);
  if (chosen === undefined || stable === undefined || chosen === stable || chosen === rollout.canary)
    throw refused(`model '${name}' has no version that does not serve already: push the shadow, or name it`);
  return {
    ...changing(facts, chosen, `version ${chosen} is the shadow, with ${percent(share)} of the requests`),
    rollout: { ...rollout, stable, shadow: chosen, shadowShare: share },
    withdrawals: withdrawalsWithout(facts, chosen),
  };
}

/** The withdrawals of all other versions. */
export function withdrawalsWithout({ desired }: ModelFacts, version: string): Withdrawal[] {
  return (desired?.withdrawals ?? []).filter((one) => one.version !== version);
}

/** The parts of a rollout in which the version is tried, cleared. */
function withoutTrial(rollout: Rollout__Output, version: string): Rollout__Output {
  return {
    ...rollout,
    ...(rollout.canary === version ? { canary: '', canaryShare: 0 } : {}),
    ...(rollout.shadow === version ? { shadow: '', shadowShare: 0 } : {}),
  };
}

function changing(facts: ModelFacts, version: string, reason: string): Pick<ModelChange, 'reason' | 'service'> {
  const service = requireService(facts);
  if (!/^[1-9]\d{0,14}$/.test(version)) throw invalidArgument(`'${version}' is no version: a whole number above zero`);
  // A lower number may lie in the replicas' model repositories without being loaded: only they know.
  if (Number(version) > Number(facts.versions[0] ?? 0))
    throw new WeftError('NOT_FOUND', `model '${facts.name}' has no version ${version}`);
  return { reason, service };
}

function newest({ versions, withdrawn }: ModelFacts): string | undefined {
  return versions.find((version) => !withdrawn.includes(version));
}

function isOnTrial({ canary, shadow }: Rollout__Output, version: string): boolean {
  return version === canary || version === shadow;
}

function refused(message: string): WeftError {
  return new WeftError('FAILED_PRECONDITION', message);
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
