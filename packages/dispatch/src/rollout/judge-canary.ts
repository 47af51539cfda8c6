// Whether a canary is worse than the stable version beside it: pure. Requests are drawn alike for both, so whatever they have in
// common (bad requests, overload, a slow client) shows in both, and every failure counts, whoever's fault it is.
//
// Failures: the canary's true share lies, with 95 % certainty (Wilson's interval), above what the stable version's may be, by more
// than the tolerance. Latency: p99 is worse by a factor, and by 10 ms at least; p99 of few calls is luck, so it takes ten times
// as many, and the caller asks twice before it acts.
import { wilsonInterval } from '@weft/flow';
import type { Readings } from './version-tally.ts';

export interface CanaryLimits {
  /** Calls before failures count. */
  readonly minRequests: number;
  /** Share of the calls. */
  readonly errorTolerance: number;
  readonly latencyFactor: number;
}

export interface Judged extends Readings {
  readonly version: string;
}

/** `failures` needs no second look. */
export type Verdict =
  | { readonly decision: 'keep' }
  | { readonly decision: 'roll back'; readonly because: 'failures' | 'latency'; readonly reason: string };

const keep: Verdict = { decision: 'keep' };
const leastFailures = 5;
const leastMarginMs = 10;
const latencyRequests = 10;

export function judgeCanary(canary: Judged, stable: Judged, limits: CanaryLimits): Verdict {
  const { minRequests, errorTolerance, latencyFactor } = limits;
  if (canary.calls >= minRequests && canary.failed >= leastFailures) {
    const { least } = wilsonInterval(canary.failed, canary.calls);
    const { most } = wilsonInterval(stable.failed, stable.calls);
    if (least > most + errorTolerance) return rollBack('failures', `${failures(canary)}, ${failures(stable, 'short')}`);
  }
  const enough = minRequests * latencyRequests;
  if (canary.calls - canary.failed < enough || stable.calls - stable.failed < enough) return keep;
  const [own, other] = [canary.p99Ms ?? 0, stable.p99Ms ?? Number.POSITIVE_INFINITY];
  if (own <= Math.max(other * latencyFactor, other + leastMarginMs)) return keep;
  return rollBack(
    'latency',
    `version ${canary.version} answered 99 % of ${thousands(canary.calls)} calls within ${milliseconds(own)}, ` +
      `version ${stable.version} within ${milliseconds(other)}`,
  );
}

function rollBack(because: 'failures' | 'latency', reason: string): Verdict {
  return { decision: 'roll back', because, reason };
}

function failures({ version, failed, calls }: Judged, form?: 'short'): string {
  const percent = Number(((failed / calls) * 100).toPrecision(2));
  return `version ${version} ${form === undefined ? 'failed ' : ''}${percent} % of ${thousands(calls)}${form === undefined ? ' calls' : ''}`;
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}

function milliseconds(ms: number): string {
  return `${Number(ms.toPrecision(3))} ms`;
}
