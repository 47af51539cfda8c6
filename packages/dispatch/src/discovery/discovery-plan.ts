// The decisions of discovery, pure: which replicas to start and to stop as records come and go, and when to ask DNS again.

export interface ReplicaPlan {
  readonly start: readonly string[];
  readonly stop: readonly string[];
}

/**
 * One replica for every recorded endpoint. One whose record is gone is stopped unless it is `connected`: DNS may be wrong
 * about it, and what it works on is not given up. It goes when it is lost.
 */
export function planReplicas(
  recorded: ReadonlySet<string>,
  replicas: ReadonlyMap<string, { readonly connected: boolean }>,
): ReplicaPlan {
  return {
    start: [...recorded].filter((endpoint) => !replicas.has(endpoint)),
    stop: [...replicas]
      .filter(([endpoint, { connected }]) => !connected && !recorded.has(endpoint))
      .map(([endpoint]) => endpoint),
  };
}

export function changesBetween(
  before: readonly string[],
  after: readonly string[],
): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  return {
    added: after.filter((endpoint) => !before.includes(endpoint)),
    removed: before.filter((endpoint) => !after.includes(endpoint)),
  };
}

/** A name is never resolved more often than this, whatever its records and replicas do. */
const leastDelayMs = 1_000;

/**
 * How often a name is resolved: at the interval, and after a loss or failure at once, then ever more seldom. `hurryMs` is
 * Infinity while there is no hurry.
 */
export interface Pace {
  readonly intervalMs: number;
  readonly hurryMs: number;
}

export function hurried(pace: Pace): Pace {
  return { ...pace, hurryMs: leastDelayMs };
}

/** After each resolution that was made in a hurry. */
export function calmer({ intervalMs, hurryMs }: Pace): Pace {
  return { intervalMs, hurryMs: hurryMs * 2 < intervalMs ? hurryMs * 2 : Number.POSITIVE_INFINITY };
}

/** From the end of one resolution, whose records live `ttlMs`, to the next. */
export function resolutionDelayMs({ intervalMs, hurryMs }: Pace, ttlMs: number): number {
  return Math.max(leastDelayMs, Math.min(intervalMs, hurryMs, ttlMs));
}
