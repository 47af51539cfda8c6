// Which of several replicas of a model fails markedly more than the others, and is to be left alone for a while: Envoy's
// success-rate ejection (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier).
//
// Why this signal: a replica can answer its health checks and fail all its work, and one that fails fast even draws more of
// it. Counting failures alone would let one client, whose requests fail everywhere, take away every replica; so each one is
// compared with the others at the same time. Of another that got no work nothing is known: it counts as failing half of
// its requests, so that beside idle ones only who fails nearly always stands out.
//
// How it trips: at least 5 failures within 10 s, and a share of failures at least 0.3 above the mean of the others'. Never
// more than half of the replicas are out at once, so one alone never is. The worst go first.
//
// How it recovers: the circuit of the ejected replica (circuit.ts) sends a probe and doubles the time between them. The
// first success ends the ejection here too, and what was counted before it is forgotten.
import { SlidingCount } from './sliding-count.ts';

const windowMs = 10_000;
const leastFailures = 5;
const leastExcess = 0.3;
const shareOfUnknown = 0.5;
const mostEjected = 0.5;

class Standing {
  readonly requests = new SlidingCount(windowMs);
  readonly failures = new SlidingCount(windowMs);
  ejected = false;

  failureShare(nowMs: number): number {
    const requests = this.requests.total(nowMs);
    return requests === 0 ? shareOfUnknown : this.failures.total(nowMs) / requests;
  }
}

export class OutlierEjection<Member extends object> {
  readonly #standings = new WeakMap<Member, Standing>();

  /** One request was answered, or failed for a reason that lies with the replica. */
  report(member: Member, { failed }: { readonly failed: boolean }, nowMs: number): void {
    if (!failed && this.#standings.get(member)?.ejected === true) this.forget(member);
    const standing = this.#standings.get(member) ?? new Standing();
    this.#standings.set(member, standing);
    standing.requests.add(nowMs);
    if (failed) standing.failures.add(nowMs);
  }

  /** Who is to be ejected now, the worst first. `members` are all replicas of the model; who is out already is not named again. */
  verdict(members: readonly Member[], nowMs: number): Member[] {
    const most = Math.floor(mostEjected * members.length);
    const out = members.filter((member) => this.#standings.get(member)?.ejected === true).length;
    if (out >= most) return [];
    const judged = members.map((member) => {
      const standing = this.#standings.get(member);
      return { member, standing, share: standing?.failureShare(nowMs) ?? shareOfUnknown };
    });
    const sum = judged.reduce((total, { share }) => total + share, 0);
    const stands = ({ standing, share }: (typeof judged)[number]): boolean => {
      if (standing === undefined || standing.ejected || standing.failures.total(nowMs) < leastFailures) return false;
      return share - (sum - share) / (members.length - 1) >= leastExcess;
    };
    const ejected = judged
      .filter(stands)
      .sort((a, b) => b.share - a.share)
      .slice(0, most - out);
    for (const { standing } of ejected) if (standing !== undefined) standing.ejected = true;
    return ejected.map(({ member }) => member);
  }

  /** Starts afresh with a member, which is no longer out. */
  forget(member: Member): void {
    this.#standings.delete(member);
  }
}
