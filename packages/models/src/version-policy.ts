// Which of the versions in a model's folder serve: the newest n, all, or those that are named. The newest one by default.
import type { ModelVersionPolicy__Output } from '@weft/rpc/messages/inference/ModelVersionPolicy';

/** The versions that serve, the newest first. Versions are positive whole numbers. */
export function chooseVersions(present: readonly number[], policy: ModelVersionPolicy__Output | null): number[] {
  const newestFirst = [...present].sort((a, b) => b - a);
  switch (policy?.policyChoice) {
    case 'all':
      return newestFirst;
    case 'specific':
      return newestFirst.filter((version) => policy.specific?.versions.includes(version));
    default:
      return newestFirst.slice(0, policy?.latest?.numVersions || 1);
  }
}
