// Which of several routers gets the next credit for an instance that they share: the one whose next work is of the highest
// priority class, and of those the one that is due first, as in one queue of all of them. As there a lower class keeps a share,
// so here does every router that asks and does not get it: it earns a part of a turn with each that another one has.
export interface Urgency {
  /** 0 the highest. */
  readonly priority: number;
  readonly dueMs: number;
}

/** The share of the turns that a router keeps when more urgent ones would have all. */
const keptShare = 0.05;
/** Sums of the share are not exact. */
const oneTurn = 1 - keptShare / 2;

export class CreditTurns<Router> {
  /** In the order in which they began to ask. */
  readonly #asking = new Map<Router, Urgency>();
  /** Parts of a turn that were earned. */
  readonly #earned = new Map<Router, number>();

  /** A router asks, or asks more or less urgently than before. */
  ask(router: Router, urgency: Urgency): void {
    this.#asking.set(router, urgency);
  }

  asks(router: Router): boolean {
    return this.#asking.has(router);
  }

  /** It has a credit without a turn of its own, in which others may be faster: what it has earned stays. */
  answered(router: Router): void {
    this.#asking.delete(router);
  }

  /** It has nothing to send, or has sent it. */
  forget(router: Router): void {
    this.#asking.delete(router);
    this.#earned.delete(router);
  }

  /** Whose turn it is, which is thereby had; undefined when none asks. */
  next(): Router | undefined {
    let chosen: readonly [Router, Urgency] | undefined;
    let longest: readonly [Router, number] | undefined;
    for (const [router, urgency] of this.#asking) {
      if (chosen === undefined || isMoreUrgent(urgency, chosen[1])) chosen = [router, urgency];
      const earned = this.#earned.get(router) ?? 0;
      if (earned >= oneTurn && earned > (longest?.[1] ?? 0)) longest = [router, earned];
    }
    const next = longest?.[0] ?? chosen?.[0];
    if (next === undefined) return undefined;
    this.forget(next);
    for (const router of this.#asking.keys()) this.#earned.set(router, (this.#earned.get(router) ?? 0) + keptShare);
    return next;
  }
}

function isMoreUrgent(one: Urgency, other: Urgency): boolean {
  return one.priority === other.priority ? one.dueMs < other.dueMs : one.priority < other.priority;
}
