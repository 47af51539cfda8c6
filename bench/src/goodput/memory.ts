// What became of the router's memory while its scheduler was offered three times what the replicas can do.
import { overload } from './plan.ts';
import type { Round } from './round.ts';
import { weft } from './strategy.ts';

export interface OverloadMemory {
  /** At the start of the first round under overload and at the end of each. */
  readonly startMb: number;
  readonly endsMb: readonly number[];
  /** From the start of the first round to the end of the last. */
  readonly growthMb: number;
}

/** `rounds` in the order in which they were measured, at least one of weft under overload. */
export function memoryUnderOverload(rounds: readonly Round[]): OverloadMemory {
  const readings = rounds.flatMap(({ strategy, load, routerMb }) =>
    strategy === weft.name && load === overload && routerMb !== undefined ? [routerMb] : [],
  );
  const startMb = readings[0]?.before ?? Number.NaN;
  const endsMb = readings.map(({ after }) => after);
  return { startMb, endsMb, growthMb: Math.round((endsMb.at(-1) ?? Number.NaN) - startMb) };
}
