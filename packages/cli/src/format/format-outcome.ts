// What the replicas made of a change: a line for each on stdout, and a failure that names those that did not do it.
import type { Outcome } from '@weft/client';
import { WeftError } from '@weft/errors';
import { formatTable } from './format-table.ts';

export function formatOutcome({ replicas }: Outcome): string {
  if (replicas.length === 0) return 'no replica is connected: they do it when they come';
  return formatTable(
    [{ title: 'ENDPOINT' }, { title: 'REPLICA' }, { title: 'OUTCOME' }],
    replicas.map(({ replicaId, endpoint, settled, problem }) => [
      endpoint,
      replicaId,
      describeOutcome(settled, problem),
    ]),
  );
}

/** One that is not settled may have a problem that passes: then it goes on. */
function describeOutcome(settled: boolean, problem: string): string {
  if (problem === '') return settled ? 'done' : 'not done yet';
  return `${settled ? 'failed' : 'not done yet'}: ${problem}`;
}

/** How many have done it, while it goes on. */
export function countSettled({ replicas }: Outcome): string {
  const failed = replicas.filter(hasFailed).length;
  const done = replicas.filter(({ settled, problem }) => settled && problem === '').length;
  return `${done} of ${replicas.length} replicas done${failed === 0 ? '' : `, ${failed} failed`}`;
}

/** Throws when a replica has failed or is not done: the command then ends with exit code 1. */
export function requireDone({ settled, replicas }: Outcome): void {
  const failed = replicas.filter(hasFailed);
  if (failed.length > 0) {
    const reasons = failed.map((replica) => `${placeOf(replica)}: ${replica.problem}`).join('; ');
    throw new WeftError('FAILED_PRECONDITION', `${failed.length} of ${replicas.length} replicas failed: ${reasons}`);
  }
  const waiting = replicas.filter((replica) => !replica.settled);
  if (settled && waiting.length === 0) return;
  const reasons = waiting.map((replica) =>
    replica.problem === '' ? placeOf(replica) : `${placeOf(replica)}: ${replica.problem}`,
  );
  throw new WeftError(
    'UNAVAILABLE',
    `${waiting.length} of ${replicas.length} replicas are not done yet: ${reasons.join('; ')}`,
  );
}

function hasFailed({ settled, problem }: Outcome['replicas'][number]): boolean {
  return settled && problem !== '';
}

export function outcomeJson({ revision, settled, replicas }: Outcome): object {
  return { revision, settled, replicas };
}

/** A replica as people know it: where it is. Its id is a long one, for the logs. */
export function placeOf({ endpoint, replicaId }: { readonly endpoint: string; readonly replicaId: string }): string {
  return endpoint || replicaId;
}
