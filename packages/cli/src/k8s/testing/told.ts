// For tests: what the doctor says of a deployment in which something is wrong.
import assert from 'node:assert/strict';
import type { ClusterState } from '../cluster-objects.ts';
import { diagnose } from '../diagnose.ts';
import { healthy, now } from './author-cluster.ts';

/** `where: what` of each finding; every one says what to do. */
export function told(state: Partial<ClusterState>): string[] {
  const findings = diagnose(healthy(state), Date.parse(now));
  for (const { where, what, toDo } of findings) {
    assert.ok(toDo.length > 5, what);
    assert.doesNotMatch(`${where}${what}${toDo}`, /\n|undefined|\.$/);
  }
  return findings.map(({ where, what }) => `${where}: ${what}`);
}
