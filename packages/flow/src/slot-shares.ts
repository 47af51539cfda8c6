// What tenants have of slots that are held: a stream keeps its one for as long as it lasts, so to take turns at getting one is not
// enough, for a tenant whose streams never end has all of them in time. A tenant's share are the slots by its weight among the
// tenants that hold one or wait. Who has less than that is served in fair turns; who has as much comes after those, and then who
// holds most for its weight comes last. No slot stays free for that, and none is taken away: a share fills as streams end. A slot
// counts until it is given back, though its place be gone.
import type { ExcessOf } from './tenant-shares.ts';

interface Holding {
  held: number;
  waiting: number;
}

export class SlotShares {
  readonly #weightOf: (tenant: string) => number;
  readonly #tenants = new Map<string, Holding>();

  constructor(weightOf: (tenant: string) => number) {
    this.#weightOf = weightOf;
  }

  take(tenant: string): void {
    this.#of(tenant).held += 1;
  }

  giveBack(tenant: string): void {
    this.#change(tenant, { held: -1, waiting: 0 });
  }

  wait(tenant: string): void {
    this.#of(tenant).waiting += 1;
  }

  leave(tenant: string): void {
    this.#change(tenant, { held: 0, waiting: -1 });
  }

  /** Of so many slots; as things are now. */
  excessOf(slots: number): ExcessOf {
    let weights = 0;
    for (const tenant of this.#tenants.keys()) weights += this.#weightOf(tenant);
    return (tenant) => {
      const held = this.#tenants.get(tenant)?.held ?? 0;
      const weight = this.#weightOf(tenant);
      return held < (slots * weight) / weights ? 0 : held / weight;
    };
  }

  #of(tenant: string): Holding {
    let holding = this.#tenants.get(tenant);
    if (holding === undefined) this.#tenants.set(tenant, (holding = { held: 0, waiting: 0 }));
    return holding;
  }

  #change(tenant: string, by: Holding): void {
    const holding = this.#of(tenant);
    holding.held += by.held;
    holding.waiting += by.waiting;
    if (holding.held === 0 && holding.waiting === 0) this.#tenants.delete(tenant);
  }
}
