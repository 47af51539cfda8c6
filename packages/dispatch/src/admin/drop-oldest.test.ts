import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredModel } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { DesiredVersion } from '@weft/rpc/messages/weft/models/v1/DesiredVersion';
import { emptyInventory } from '../replicas/inventory.ts';
import { modelFacts } from '../rollout/model-facts.ts';
import { desired } from '../testing/desired.ts';
import { dropOldest } from './drop-oldest.ts';

const files = [{ path: 'model.onnx', sha256: '0'.repeat(64), size: 1 }];

/** What a push of version 7 drops of the versions 1 to 6. */
function dropped(keep: number, fields: DesiredModel = {}, pushed: DesiredVersion = {}): readonly string[] {
  const versions = ['1', '2', '3', '4', '5', '6'].map((version) => ({ version, files }));
  const facts = modelFacts(emptyInventory, 'm', desired({ versions, ...fields }));
  const change = { reason: '', service: 'custom', newVersion: { version: '7', files, ...pushed } };
  return dropOldest(change, facts, keep)?.dropped ?? [];
}

test('a push drops the oldest pushed versions beyond those that are kept, the new one among them', () => {
  assert.deepEqual(dropped(7), []);
  assert.deepEqual(dropped(6), ['1']);
  assert.deepEqual(dropped(3), ['1', '2', '3', '4']);
});

test('what serves, is tried, or served until now is never dropped', () => {
  const rollout = { stable: '1', canary: '3', canaryShare: 0.1, shadow: '4', shadowShare: 1 };
  assert.deepEqual(dropped(4, { rollout }), ['2', '5', '6']);
  assert.deepEqual(dropped(1, { rollout }), ['2', '5', '6']);
  assert.deepEqual(dropped(1), ['1', '2', '3', '4', '5'], 'version 6 served until now');
});

test('what the version policy asks for is never dropped, whoever says it', () => {
  assert.deepEqual(dropped(1, { versionPolicy: { specific: { versions: [2, 3] } } }), ['1', '4', '5']);
  assert.deepEqual(dropped(1, {}, { config: { versionPolicy: { latest: { numVersions: 4 } } } }), ['1', '2', '3']);
  assert.deepEqual(dropped(1, {}, { config: { versionPolicy: { policyChoice: 'all', all: {} } } }), []);
});

test('an older version that is pushed again stays, though it is the oldest', () => {
  assert.deepEqual(
    dropped(6, { versions: ['3', '4', '5', '6', '8', '9'].map((version) => ({ version, files })) }, { version: '1' }),
    ['3'],
  );
});

test('the withdrawals of dropped versions go with them', () => {
  const withdrawals = ['1', '5'].map((version) => ({ version, reason: 'it fails' }));
  const versions = ['1', '5', '6'].map((version) => ({ version, files }));
  const facts = modelFacts(emptyInventory, 'm', desired({ versions, withdrawals }));
  const change = dropOldest({ reason: '', service: 'custom', newVersion: { version: '7', files } }, facts, 3);
  assert.deepEqual([change?.dropped, change?.withdrawals?.map(({ version }) => version)], [['1'], ['5']]);
});

test('a change that adds no version drops none', () => {
  const change = { reason: '', service: 'custom', unloaded: true };
  assert.equal(dropOldest(change, modelFacts(emptyInventory, 'm', desired()), 1), change);
});
