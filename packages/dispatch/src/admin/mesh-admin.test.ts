import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@weft/flow';
import type { Caller } from '../engine/caller.ts';
import { emptyInventory } from '../replicas/inventory.ts';
import { turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';
import { Changes } from './changes.ts';
import { MeshAdmin, type MeshAdminOptions } from './mesh-admin.ts';

const minute = 60_000;

/** A call that waits for a replica which never does what it should; `ended` is whether it was answered. */
function startCall(deadlineMs: number) {
  const clock = new ManualClock();
  const replicas = new Map([['a', { view: { state: replicaState([version('m', '1')]), connected: true } }]]);
  const options = {
    ...{ clock, changes: new Changes() },
    engine: { replicas, inventory: emptyInventory, tallyOf: () => undefined },
    desired: { revisionOf: () => 1 },
  };
  const admin = new MeshAdmin(options as unknown as MeshAdminOptions);
  const context = { deadlineMs, onCancelled: () => {} } as unknown as Caller;
  let ended = false;
  void admin.outcome({ model: 'm', service: 'custom', revision: 1 }, context).then(() => (ended = true));
  return {
    async endedAfter(ms: number): Promise<boolean> {
      clock.advance(ms);
      await turns();
      return ended;
    },
  };
}

test('a caller that names a deadline is waited for until shortly before that, however long', async () => {
  const call = startCall(30 * minute);
  assert.equal(await call.endedAfter(30 * minute - 251), false);
  assert.equal(await call.endedAfter(1), true);
});

test('a caller that names none is answered after ten minutes', async () => {
  const call = startCall(Number.POSITIVE_INFINITY);
  assert.equal(await call.endedAfter(10 * minute - 1), false);
  assert.equal(await call.endedAfter(1), true);
});
