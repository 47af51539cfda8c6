// How many requests may be sent a second time: a share of those that were admitted within the last window, plus a floor for
// those who send few. A request that fails because its replicas are overloaded fails again; without a budget, retries
// would multiply the very load that they come from. A share of 0.2 adds at most a fifth to it.
//
// Finagle's and Linkerd's retry budgets (https://finagle.github.io/blog/2016/02/08/retry-budgets, tower's TpsBudget), with one
// difference: theirs let the floor of a whole window go at once (100 retries), this one that of a second.
import { SlidingCount } from './sliding-count.ts';

export interface RetryBudgetSettings {
  /** Retries for each admitted request. */
  readonly ratio?: number;
  /** Retries a second that need no admitted requests; 0: none. */
  readonly minPerSecond?: number;
  /** For how long an admitted request counts. */
  readonly windowMs?: number;
}

export class RetryBudget {
  readonly #ratio: number;
  readonly #perMs: number;
  /** The most that the floor saves up: a second's worth, and enough for one retry. */
  readonly #mostFloor: number;
  readonly #requests: SlidingCount;
  /**
   * Retries that admitted requests have paid for. One leaves the window no earlier than the requests that paid for it, so
   * no request pays twice.
   */
  readonly #retries: SlidingCount;
  #floor: number;
  #floorMs: number;

  constructor(settings: RetryBudgetSettings | undefined, nowMs: number) {
    const { ratio = 0.2, minPerSecond = 10, windowMs = 10_000 } = settings ?? {};
    this.#ratio = ratio;
    this.#perMs = minPerSecond / 1000;
    this.#mostFloor = minPerSecond > 0 ? Math.max(1, minPerSecond) : 0;
    this.#requests = new SlidingCount(windowMs);
    this.#retries = new SlidingCount(windowMs);
    this.#floor = this.#mostFloor;
    this.#floorMs = nowMs;
  }

  /** One request was admitted. One that is sent again is not admitted again. */
  deposit(nowMs: number): void {
    this.#requests.add(nowMs);
  }

  /** Whether one more request may be sent again; if so, it is paid for. */
  withdraw(nowMs: number): boolean {
    if (this.#ratio * this.#requests.total(nowMs) - this.#retries.total(nowMs) >= 1) {
      this.#retries.add(nowMs);
      return true;
    }
    const passedMs = Math.max(0, nowMs - this.#floorMs);
    this.#floor = Math.min(this.#mostFloor, this.#floor + passedMs * this.#perMs);
    this.#floorMs += passedMs;
    if (this.#floor < 1) return false;
    this.#floor -= 1;
    return true;
  }
}
