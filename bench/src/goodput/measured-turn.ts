// A turn: one round of every strategy at one load, right after each other. It counts as a whole or not at all, since what is
// compared should have met the same machine.
import type { Round } from './round.ts';

export interface MeasuredTurn {
  readonly load: number;
  readonly rounds: readonly Round[];
}

/** Above it the cores are not free when they are needed, and a round tells more about the machine than about a strategy. */
export const mostCpuShare = 0.7;

export function isValid({ rounds }: MeasuredTurn): boolean {
  return rounds.every(({ cpuShare }) => cpuShare <= mostCpuShare);
}

/** The valid turns; of a load that has none all, so that there is something to see. */
export function countingTurns(turns: readonly MeasuredTurn[]): MeasuredTurn[] {
  const loads = new Set(turns.filter(isValid).map(({ load }) => load));
  return turns.filter((turn) => isValid(turn) || !loads.has(turn.load));
}

/** Says for each load that has fewer than `wanted` valid turns how many it has. */
export function missingTurns(turns: readonly MeasuredTurn[], wanted: number): string[] {
  const loads = [...new Set(turns.map(({ load }) => load))];
  return loads.flatMap((load) => {
    const valid = turns.filter((turn) => turn.load === load && isValid(turn)).length;
    if (valid >= wanted) return [];
    const limit = `${100 * mostCpuShare}%`;
    return [`at load ${load} the machine's CPU was at most ${limit} busy in ${valid} turns of ${wanted}`];
  });
}
