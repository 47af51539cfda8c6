// Who gets which share, in words.
import type { DesiredModel } from '@weft/client';

export function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(4))}%`;
}

/** `90% to version 2, 10% to version 3 (canary); a copy of 5% to version 4 (shadow)`. */
export function formatRollout({ rollout, withdrawals }: DesiredModel): string {
  const parts: string[] = [];
  const { stable = '', canary = '', canaryShare = 0, shadow = '', shadowShare = 0 } = rollout ?? {};
  const rest = stable === '' ? 'the newest version' : `version ${stable}`;
  if (canary === '') parts.push(`everything to ${rest}`);
  else
    parts.push(`${formatShare(1 - canaryShare)} to ${rest}, ${formatShare(canaryShare)} to version ${canary} (canary)`);
  if (shadow !== '') parts.push(`a copy of ${formatShare(shadowShare)} to version ${shadow} (shadow)`);
  for (const { version, reason } of withdrawals) parts.push(`version ${version} is withdrawn: ${reason}`);
  return parts.join('; ');
}
