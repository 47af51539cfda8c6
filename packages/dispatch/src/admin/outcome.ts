// What the replicas have made of an event, from what they report.
import type { Outcome } from '@weft/rpc/messages/weft/router/v1/Outcome';
import type { ReplicaOutcome } from '@weft/rpc/messages/weft/router/v1/ReplicaOutcome';
import type { ReplicaView } from '../replicas/inventory.ts';

export interface LoggedChange {
  readonly model: string;
  readonly service: string;
  readonly revision: number;
}

/**
 * Of the connected replicas of the service; `replicas` is empty, and all settled, when there is none. `newest` is the model's last
 * revision: a replica that tells a higher one speaks of a log that has lost its state since.
 */
export function outcomeOf(
  replicas: ReadonlyMap<string, { readonly view: ReplicaView }>,
  { model, service, revision }: LoggedChange,
  newest: number,
): Outcome & { readonly replicas: ReplicaOutcome[]; readonly settled: boolean } {
  const outcomes: (ReplicaOutcome & { readonly settled: boolean })[] = [];
  for (const [endpoint, { view }] of replicas) {
    const { state, connected } = view;
    if (!connected || state.draining || state.service !== service) continue;
    const applied = state.applied.find((event) => event.model === model);
    const knows = applied !== undefined && applied.revision >= revision && applied.revision <= newest;
    const problem = knows ? applied.problem : state.eventLogProblem;
    outcomes.push({ replicaId: state.replicaId, endpoint, settled: knows && applied.settled, problem });
  }
  outcomes.sort((a, b) => ((a.endpoint ?? '') < (b.endpoint ?? '') ? -1 : 1));
  return { revision, settled: outcomes.every(({ settled }) => settled), replicas: outcomes };
}

/** One line for each replica that failed or is not there yet; empty when all have it. */
export function failuresOf({ replicas = [] }: Outcome): string[] {
  return replicas.flatMap(({ endpoint, settled, problem }) => {
    if (problem) return [`${endpoint}: ${problem}`];
    return settled === true ? [] : [`${endpoint}: it has not done it yet`];
  });
}
